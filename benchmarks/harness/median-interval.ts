// SPDX-License-Identifier: Apache-2.0
import { quantile } from './quantile.ts';

/** A median and what it may be by chance. */
export interface MedianInterval {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

const OUTSIDE = 0.025;

/**
 * The median with its confidence interval of at least 95 %, from order statistics: whatever the distribution, as many values
 * lie on either side of the true median as heads come up with a coin. Fewer than six values give no 95 %: their least and largest.
 * @param ascending sorted numbers
 * @returns undefined when there are none
 */
export function medianInterval(ascending: readonly number[]): MedianInterval | undefined {
  const n = ascending.length;
  const median = quantile(ascending, 0.5);
  if (median === null) return undefined;
  let rank = 0; // How many values lie outside of the interval, at each end.
  let term = 2 ** -n;
  for (let below = term; below <= OUTSIDE; below += term) {
    rank += 1;
    term = (term * (n - rank + 1)) / rank;
  }
  return {
    low: ascending[Math.max(0, rank - 1)] as number,
    median,
    high: ascending[n - Math.max(1, rank)] as number,
  };
}
