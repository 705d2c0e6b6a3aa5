// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quantile, sorted } from '../harness/quantile.ts';

describe('quantile', () => {
  const values = [10, 20, 30, 40];

  it('is the smallest value at 0 and the largest at 1', () => {
    assert.equal(quantile(values, 0), 10);
    assert.equal(quantile(values, 1), 40);
  });

  it('is always one of the values, by nearest rank', () => {
    assert.equal(quantile(values, 0.5), 20);
    assert.equal(quantile(values, 0.51), 30);
    assert.equal(quantile(values, 0.99), 40);
  });

  it('is null without values', () => {
    assert.equal(quantile([], 0.5), null);
  });

  it('refuses a q outside of 0 to 1', () => {
    assert.throws(() => quantile(values, 99), RangeError);
    assert.throws(() => quantile(values, Number.NaN), RangeError);
  });

  it('takes numbers in numeric order, which sorted gives without touching its argument', () => {
    const given = [100, 9, -20];
    assert.deepEqual(sorted(given), [-20, 9, 100]);
    assert.deepEqual(given, [100, 9, -20]);
  });
});
