// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { medianInterval } from '../harness/median-interval.ts';

const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('medianInterval', () => {
  // Ranks as statistical tables give them for 95 %.
  for (const [n, low, high] of [
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [20, 6, 15],
    [100, 40, 61],
  ] as const) {
    it(`goes from rank ${low} to rank ${high} of ${n}`, () => {
      assert.deepEqual(medianInterval(oneTo(n)), { low, median: Math.ceil(n / 2), high });
    });
  }

  it('is all there is of fewer than six values', () => {
    assert.deepEqual(medianInterval([3, 5, 9]), { low: 3, median: 5, high: 9 });
    assert.deepEqual(medianInterval([4]), { low: 4, median: 4, high: 4 });
    assert.equal(medianInterval([]), undefined);
  });
});
