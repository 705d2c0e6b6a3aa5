// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Backoff } from '../src/backoff.ts';
import { getRetryDefaults, resolveRetryOptions } from '../src/retry-options.ts';

const options = resolveRetryOptions({
  initialIntervalMillis: 100,
  maxIntervalMillis: 300,
  multiplier: 2,
  randomizationFactor: 0.5,
});

describe('Backoff', () => {
  it('grows by the multiplier up to the limit', () => {
    const backoff = new Backoff(options, () => 0.5);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => backoff.next()),
      [100, 200, 300, 300],
    );
  });
  it('draws within the randomization factor, but never beyond the limit', () => {
    assert.equal(new Backoff(options, () => 0).next(), 50);
    assert.equal(new Backoff(options, () => 1).next(), 150);
    const high = new Backoff(options, () => 1);
    assert.deepEqual(
      [1, 2, 3].map(() => high.next()),
      [150, 300, 300],
    );
  });
  it('starts over after a reset', () => {
    const backoff = new Backoff(options, () => 0.5);
    backoff.next();
    backoff.reset();
    assert.equal(backoff.next(), 100);
  });
});

describe('resolveRetryOptions', () => {
  it('fills in the defaults', () => assert.deepEqual(resolveRetryOptions(), getRetryDefaults()));
  it('refuses what cannot work, by name', () => {
    const code = 'HOPSPAN_ERR_INVALID_OPTION';
    const bad = {
      initialIntervalMillis: 0,
      maxIntervalMillis: -1,
      maxElapsedTimeMillis: 0,
      multiplier: 0.9,
      randomizationFactor: 1.1,
    };
    for (const [name, value] of Object.entries(bad)) {
      assert.throws(() => resolveRetryOptions({ [name]: value }), { code, message: new RegExp(name) });
    }
  });
});
