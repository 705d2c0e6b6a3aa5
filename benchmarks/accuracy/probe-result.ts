// SPDX-License-Identifier: Apache-2.0
import type { Counters, HopDirection } from '@hopspan/core';

/** A hop as Hopspan reported it, reduced to what is compared. */
export interface ReportedHop {
  /** See formatKey. */
  readonly key: string;
  readonly direction: HopDirection;
  readonly retransmission: number;
  readonly durationNs: number;
}

/** What the probe's process writes at its end. */
export interface ProbeResult {
  readonly hops: readonly ReportedHop[];
  readonly counters: Counters;
}
