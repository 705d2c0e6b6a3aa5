// SPDX-License-Identifier: Apache-2.0

/** What the user-space half of the probe counts, beside the decoder. */
export interface ProbeTally {
  hops_delivered: number;
  lost_delivered: number;
  consumer_errors: number;
  polls: number;
  wakeups: number;
  drain_errors: number;
  sweeps: number;
  sweep_errors: number;
  order_checks: number;
  order_restored: number;
  order_unknown: number;
  interfaces_attached: number;
  interfaces_detached: number;
  interfaces_lost: number;
  interfaces_refused: number;
  interface_errors: number;
  link_changes: number;
  link_changes_lost: number;
}

export function createProbeTally(): ProbeTally {
  return {
    hops_delivered: 0,
    lost_delivered: 0,
    consumer_errors: 0,
    polls: 0,
    wakeups: 0,
    drain_errors: 0,
    sweeps: 0,
    sweep_errors: 0,
    order_checks: 0,
    order_restored: 0,
    order_unknown: 0,
    interfaces_attached: 0,
    interfaces_detached: 0,
    interfaces_lost: 0,
    interfaces_refused: 0,
    interface_errors: 0,
    link_changes: 0,
    link_changes_lost: 0,
  };
}
