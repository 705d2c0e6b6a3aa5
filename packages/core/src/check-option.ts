// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from './errors.ts';

/** Bounds of a numeric option, both included. */
export interface OptionRange {
  readonly min: number;
  /** Default: Number.MAX_SAFE_INTEGER. */
  readonly max?: number;
}

/**
 * Returns `value` when it is an integer within the range.
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
 */
export function checkInteger(owner: string, option: string, value: number, range: OptionRange): number {
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(value) && value >= range.min && value <= max) return value;
  throw invalidOption(owner, option, value, `an integer from ${range.min} to ${max}`);
}

/**
 * Returns `value` when it is a finite number within the range.
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
 */
export function checkNumber(owner: string, option: string, value: number, range: OptionRange): number {
  const max = range.max ?? Number.MAX_VALUE;
  if (Number.isFinite(value) && value >= range.min && value <= max) return value;
  throw invalidOption(owner, option, value, `a number from ${range.min} to ${max}`);
}

/** The error for an option that cannot be used; `expected` completes "must be …". */
export function invalidOption(owner: string, option: string, got: unknown, expected: string): HopspanError {
  const shown = typeof got === 'string' ? JSON.stringify(got) : String(got);
  return new HopspanError(
    'HOPSPAN_ERR_INVALID_OPTION',
    `${owner}: option ${option} is ${shown}; it must be ${expected}. Correct it or leave it out to take the default.`,
  );
}
