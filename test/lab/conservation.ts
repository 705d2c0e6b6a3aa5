// SPDX-License-Identifier: Apache-2.0
import { PROBE_COUNTER_TEXTS } from '@hopspan/bpf-probe';
import type { AgentCounters, TableReport } from './agent.ts';

/** One of the sums that must close once traffic has stopped: what went in, what is accounted for. */
export interface Balance {
  readonly sum: string;
  readonly into: number;
  readonly accounted: number;
  /** 0, or something was lost that no counter tells of. */
  readonly residual: number;
}

const of = (from: Readonly<Record<string, number>>, ...names: string[]) =>
  names.reduce((sum, name) => sum + (from[name] ?? 0), 0);

/** The sums of the programs in the kernel, with what the tables still hold. */
export function kernelBalance(
  kernel: Readonly<Record<string, number>>,
  {
    live,
    suspected = 0,
    connections = 0,
    responses_awaited: awaited = 0,
    headers_waiting: waiting = 0,
  }: TableReport,
): Balance[] {
  return [
    close('sightings', of(kernel, 'sightings'), sumOf(kernel, /^(first|continuing|repeated|refused_.*)$/)),
    close('continuing', of(kernel, 'continuing'), of(kernel, 'records', 'ring_full')),
    close('first', of(kernel, 'first'), of(kernel, 'completed', 'swept', 'overwritten') + live),
    close(
      'header_split',
      of(kernel, 'header_split'),
      sumOf(kernel, /^header_(?!split|beyond_window)/) + waiting,
    ),
    close(
      'connection_opened',
      of(kernel, 'connection_opened'),
      sumOf(kernel, /^connection_(closed|evicted|expired)$/) + connections,
    ),
    close(
      'response_awaited',
      of(kernel, 'response_awaited'),
      sumOf(kernel, /^response_(paired|missed|closed|evicted|expired)$/) + awaited,
    ),
    close(
      'loss_suspected',
      of(kernel, 'loss_suspected'),
      of(kernel, 'losses', 'loss_ring_full', 'loss_refuted', 'loss_path_unknown') + suspected,
    ),
    close('response', of(kernel, 'response'), sumOf(kernel, /^response_(paired|interim|untraced|unarmed)$/)),
  ];
}

/** Every sum of an agent that has ended, from the packet in the kernel to the span at the collector. */
export function balance(counters: AgentCounters): Balance[] {
  const kernel = totalOf(counters);
  const receiver = counters.receivers.ebpf_hops ?? {};
  const queue = counters.exporters.otlp_grpc ?? {};
  return [
    ...kernelBalance(kernel, counters.table),
    close('records', of(kernel, 'records', 'losses'), of(receiver, 'records_read')),
    close(
      'records_read',
      of(receiver, 'records_read'),
      of(receiver, 'hops_delivered', 'lost_delivered', 'records_invalid'),
    ),
    close(
      'delivered',
      of(receiver, 'hops_delivered', 'lost_delivered'),
      sumOf(queue, /^(sent|dropped_.*|queued|in_flight)$/),
    ),
  ];
}

/** Everything that was lost, whatever the reason, over all agents; each reason has a counter of its own. */
export function droppedBy(counters: AgentCounters): number {
  const kernel = totalOf(counters);
  return (
    sumOf(kernel, /^(ring_full|refused_.*|overwritten|loss_ring_full|loss_table_full)$/) +
    sumOf(counters.receivers.ebpf_hops ?? {}, /^(dropped_.*|records_invalid)$/) +
    sumOf(counters.pipeline, /dropped/) +
    sumOf(counters.exporters.otlp_grpc ?? {}, /^dropped_/)
  );
}

/** Kernel counters of all tracing points that there ever were, which is more than the points that are left. */
export function totalOf(counters: AgentCounters): Readonly<Record<string, number>> {
  const totals = counters.receivers.ebpf_hops ?? {};
  return Object.fromEntries(Object.keys(PROBE_COUNTER_TEXTS).map((name) => [name, totals[name] ?? 0]));
}

export function sumOf(counters: Readonly<Record<string, number>>, names: RegExp): number {
  return Object.entries(counters).reduce((sum, [name, value]) => (names.test(name) ? sum + value : sum), 0);
}

function close(sum: string, into: number, accounted: number): Balance {
  return { sum, into, accounted, residual: into - accounted };
}
