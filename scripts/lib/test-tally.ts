// SPDX-License-Identifier: Apache-2.0

/** What was not run, and why. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** Counts of one ring. */
export interface Tally {
  passed: number;
  failed: number;
  readonly skips: Skip[];
}

/** A tally of nothing. */
export function newTally(): Tally {
  return { passed: 0, failed: 0, skips: [] };
}

/** Adds the counts of `other` to `tally`. */
export function addTally(tally: Tally, other: Tally): void {
  tally.passed += other.passed;
  tally.failed += other.failed;
  tally.skips.push(...other.skips);
}
