// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkInteger, checkNumber, invalidOption } from '../src/check-option.ts';
import { HopspanError } from '../src/errors.ts';

describe('HopspanError', () => {
  it('keeps code, message and cause', () => {
    const cause = new Error('below');
    const error = new HopspanError('HOPSPAN_ERR_SOMETHING', 'load: got EPERM', { cause });
    assert.deepEqual(
      [error.name, error.code, error.message, error.cause],
      ['HopspanError', 'HOPSPAN_ERR_SOMETHING', 'load: got EPERM', cause],
    );
    assert.ok(error instanceof Error);
  });
});

describe('checkInteger', () => {
  it('returns what is within the range, bounds included', () => {
    assert.deepEqual(
      [1, 5, 9].map((v) => checkInteger('x', 'y', v, { min: 1, max: 9 })),
      [1, 5, 9],
    );
  });
  it('says owner, option, value and range for what is not', () => {
    for (const value of [0, 10, 1.5, Number.NaN, '5' as unknown as number]) {
      assert.throws(() => checkInteger('Queue', 'size', value, { min: 1, max: 9 }), {
        code: 'HOPSPAN_ERR_INVALID_OPTION',
        message: /^Queue: option size is .*; it must be an integer from 1 to 9\. /,
      });
    }
  });
});

describe('checkNumber', () => {
  it('takes fractions and refuses what is not finite', () => {
    assert.equal(checkNumber('x', 'y', 1.5, { min: 1 }), 1.5);
    assert.throws(() => checkNumber('x', 'y', Number.POSITIVE_INFINITY, { min: 1 }), {
      code: 'HOPSPAN_ERR_INVALID_OPTION',
    });
  });
});

describe('invalidOption', () => {
  it('quotes strings, so that an empty one can be seen', () => {
    assert.match(invalidOption('A', 'b', '', 'a name').message, /option b is ""; it must be a name/);
  });
});
