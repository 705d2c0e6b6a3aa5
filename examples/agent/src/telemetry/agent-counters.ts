// SPDX-License-Identifier: Apache-2.0
import type { Counters, Hook, PointRole } from '@hopspan/core';

/** Counters of the kernel programs at one tracing point. */
export interface PointReport {
  readonly interface: string;
  readonly ifindex: number;
  readonly role: PointRole;
  readonly hook: Hook;
  readonly counters: Counters;
}

/** Occupancy of the kernel's tables, in slots; of connections where the probe tells. */
export interface TableReport {
  readonly live: number;
  readonly held: number;
  readonly suspected: number;
  readonly capacity: number;
  readonly connections?: number;
  readonly connection_capacity?: number;
  readonly responses_awaited?: number;
  readonly headers_waiting?: number;
}

/** Every counter of the agent: what the last log record, /debug/counters and /metrics show. */
export interface AgentCounters {
  /** By component id; `points` and `table` come from the kernel. */
  readonly receivers: Readonly<Record<string, Counters>>;
  readonly points: readonly PointReport[];
  readonly table: TableReport;
  /** Measurements of the clock's offset, and steps of more than 1 ms. */
  readonly clock: Counters;
  readonly pipeline: Counters;
  /** By component id. */
  readonly processors: Readonly<Record<string, Counters>>;
  /** By component id. */
  readonly exporters: Readonly<Record<string, Counters>>;
  readonly histogram: Counters;
  /** Readers of the agent's own metrics that send them. */
  readonly metrics: Counters;
}
