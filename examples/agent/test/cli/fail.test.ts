// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HopspanError } from '@hopspan/core';
import { failWith } from '../../src/cli/fail.ts';
import { ConfigError, UsageError } from '../../src/errors.ts';

function fail(error: unknown, json = false) {
  let written = '';
  const exitCode = failWith(error, { stderr: (text) => (written += text) }, json);
  return { exitCode, written };
}

const problem = { where: 'a.yaml:1:1', path: 'a', message: 'wrong' };

describe('failWith', () => {
  for (const [name, error, exitCode, written] of [
    ['wrong usage', new UsageError('no'), 2, 'hopspan-agent: no\n'],
    [
      'a wrong configuration, a line a problem',
      new ConfigError([problem, problem]),
      2,
      'hopspan-agent: a.yaml:1:1: a: wrong\n'.repeat(2),
    ],
    [
      'an invalid option of a library',
      new HopspanError('HOPSPAN_ERR_INVALID_OPTION', 'bad'),
      2,
      'hopspan-agent: bad\n',
    ],
    [
      'another failure of a library',
      new HopspanError('HOPSPAN_ERR_ATTACH', 'no\n  way'),
      1,
      'hopspan-agent: no; way\n',
    ],
    ['anything else', new TypeError('x is not a function'), 1, 'hopspan-agent: x is not a function\n'],
    ['what is no error', 'text', 1, 'hopspan-agent: text\n'],
  ] as const) {
    it(`tells ${name}`, () => assert.deepEqual(fail(error), { exitCode, written }));
  }
  it('tells everything in one record with --json', () => {
    const { written } = fail(new ConfigError([problem]), true);
    const { time, ...record } = JSON.parse(written) as Record<string, unknown>;
    assert.equal(typeof time, 'string');
    assert.deepEqual(record, {
      level: 'error',
      msg: 'a.yaml:1:1: a: wrong',
      code: 'HOPSPAN_ERR_AGENT_CONFIG',
      problems: [problem],
    });
  });
});
