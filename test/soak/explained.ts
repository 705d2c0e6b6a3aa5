// SPDX-License-Identifier: Apache-2.0
import type { AgentCounters } from '../lab/agent.ts';
import { totalOf } from '../lab/conservation.ts';

/*
 * Counters of a loss: each event of theirs may be why one hop is not there. Named one by one, so that a counter that
 * is new, or one of ordinary traffic (unsampled, no_context, response, not_http), excuses nothing.
 */
const KERNEL_LOSSES = [
  'header_garbled',
  'header_overlong',
  'header_disordered',
  'header_no_buffer',
  'header_no_connection',
  'header_closed',
  'header_evicted',
  'header_expired',
  'header_beyond_window',
  'framing_lost',
  'messages_beyond',
  'connection_contended',
  'pipeline_full',
  'response_missed',
  'response_closed',
  'response_evicted',
  'response_expired',
  'response_missed',
  'invalid_context',
  'duplicate_context',
  'refused_contended',
  'refused_path_full',
  'refused_source',
  'refused_budget',
  'ring_full',
  'overwritten',
  'swept',
  'fragment',
  'malformed',
  'unreadable',
];
const DROPPED = /^(dropped_.*|records_invalid)$/;

/** How many absent hops the counters of a node can account for, at most. */
export function explainedBy(counters: AgentCounters): number {
  return Object.values(lossesOf(counters)).reduce((sum, value) => sum + value, 0);
}

/** The counters of losses that are not 0. */
export function lossesOf(counters: AgentCounters): Record<string, number> {
  const kernel = totalOf(counters);
  const user = [counters.receivers.ebpf_hops ?? {}, counters.pipeline, counters.exporters.otlp_grpc ?? {}];
  const losses = [
    ...KERNEL_LOSSES.map((name) => [name, kernel[name] ?? 0] as const),
    ...user.flatMap((each) => Object.entries(each).filter(([name]) => DROPPED.test(name))),
  ];
  return Object.fromEntries(losses.filter(([, value]) => value > 0));
}
