// SPDX-License-Identifier: Apache-2.0

/** What the probe's process says at its end. */
export interface ProbeAccount {
  readonly hops: number;
  /** Hops the kernel had no room for. */
  readonly ringFull: number;
  /** CPU time of the process since it was ready. */
  readonly cpuMicros: number;
}
