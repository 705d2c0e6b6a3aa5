// SPDX-License-Identifier: Apache-2.0

/** The numbers in ascending order; the argument is left as it is. */
export function sorted(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

/**
 * Nearest-rank quantile: always one of the values, never between two of them.
 * @param ascending sorted numbers
 * @param q 0 … 1; 0 is the smallest value, 1 the largest
 * @returns null when there are no values
 */
export function quantile(ascending: readonly number[], q: number): number | null {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile: q is ${q}; expected 0 to 1`);
  const rank = Math.max(1, Math.ceil(q * ascending.length));
  return ascending[rank - 1] ?? null;
}
