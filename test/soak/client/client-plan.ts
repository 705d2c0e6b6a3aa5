// SPDX-License-Identifier: Apache-2.0
import type { KindName } from './kinds/kinds.ts';

/** Where requests are sent. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** What a client is to send. */
export interface ClientPlan {
  readonly kind: KindName;
  readonly targets: readonly Target[];
  /** At least so many requests to each target. */
  readonly requests: number;
  /** Connections at once to each target. */
  readonly connections: number;
  /** File for the truth. */
  readonly log: string;
}
