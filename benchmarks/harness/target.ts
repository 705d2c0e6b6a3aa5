// SPDX-License-Identifier: Apache-2.0

/** How a figure is held against its target. */
export type TargetOp = '>=' | '<=' | '==';

/** A figure that an issue or the design asks for, before it is judged. */
export interface Measured {
  /** Stable name; carries the unit where there is one: `p50ErrorNs`. */
  readonly id: string;
  /** What was measured; null when nothing could be. */
  readonly value: number | null;
  readonly op: TargetOp;
  readonly target: number;
  /** `ns`, `1/s`, or the name of what is counted. */
  readonly unit: string;
}

/** A figure and whether it holds. */
export interface Target extends Measured {
  readonly ok: boolean;
}

/** A figure that could not be measured, or is not a number, holds nothing. */
export function judge(measured: Measured): Target {
  const { value, op, target } = measured;
  const finite = value !== null && Number.isFinite(value);
  return { ...measured, value: finite ? value : null, ok: finite && compare(value, op, target) };
}

function compare(value: number, op: TargetOp, target: number): boolean {
  switch (op) {
    case '>=':
      return value >= target;
    case '<=':
      return value <= target;
    case '==':
      return value === target;
  }
}
