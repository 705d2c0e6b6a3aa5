// SPDX-License-Identifier: Apache-2.0
import type { AgentCounters } from '../lab/agent.ts';
import type { DriveResult } from '../lab/bookinfo.ts';
import { type Balance, balance, droppedBy, totalOf } from '../lab/conservation.ts';
import type { ForwarderCounters, OtlpCollectorCounters } from '../lab/index.ts';
import type { RoundTrips } from './round-trips.ts';
import type { Verdict } from './verdict.ts';

/** What `npm run demo -- --once --json` prints. */
export interface DemoReport extends Verdict {
  requests: number;
  failedRequests: number;
  /** Requests that the collector behind --otlp took, and those it could not be given. */
  forwarded: number;
  notForwarded: number;
  /** Spans and records lost anywhere, all reasons together: kernel, agents, collector. */
  dropped: number;
  /** Sum of all balances' residuals, without sign: 0, or something was lost that no counter tells of. */
  residual: number;
  /** By node: the kernel's counters over all tracing points, and the sums that must close. */
  counters: Record<string, { kernel: Record<string, number>; balances: Balance[] }>;
  /** Wire round trips of requests between nodes: those made, and those not made because a copy was sent again. */
  roundTrips: { made: number; retransmitted: number };
  /** Requests between nodes whose two budgets did not make a round trip. */
  missingRoundTrips: number;
  /** Median length of the hops in µs, and of the wire round trips as `wireRoundTrip`. */
  medianUs: Record<string, number>;
  ok: boolean;
}

/** Puts together what the application's spans, the collector and the agents say. */
export function makeReport(
  verdict: Verdict,
  medianUs: Record<string, number>,
  roundTrips: RoundTrips,
  driven: DriveResult,
  agents: ReadonlyMap<string, AgentCounters>,
  collector: OtlpCollectorCounters,
): DemoReport {
  const nodes = [...agents].map(
    ([node, counters]) =>
      [node, { kernel: nonZero(totalOf(counters)), balances: balance(counters) }] as const,
  );
  const dropped = [...agents.values()].reduce(
    (sum, counters) => sum + droppedBy(counters),
    collector.dropped_full + collector.rejected_requests,
  );
  const residual = nodes
    .flatMap(([, { balances }]) => balances)
    .reduce((sum, each) => sum + Math.abs(each.residual), 0);
  const report = {
    requests: driven.requests,
    failedRequests: driven.failed,
    ...verdict,
    roundTrips: { made: roundTrips.nsBySpan.size, retransmitted: roundTrips.retransmitted },
    missingRoundTrips: roundTrips.missing,
    medianUs,
    forwarded: collector.forward?.forwarded ?? 0,
    notForwarded: notForwarded(collector.forward),
    dropped,
    residual,
    counters: Object.fromEntries(nodes),
  };
  return { ...report, ok: mustBeZero(report).every(([, value]) => value === 0) && report.expectedHops > 0 };
}

/** The figures that decide over the exit status. */
export function mustBeZero(report: Omit<DemoReport, 'ok'>): [name: string, value: number][] {
  const names = [
    'failedRequests',
    'missingHops',
    'duplicateHops',
    'orphanSpans',
    'misparentedSpans',
    'wrongStatus',
    'unsampledSpans',
    'tooShortParents',
    'missingRoundTrips',
    'dropped',
    'notForwarded',
    'residual',
  ] as const;
  return [
    ...names.map((name): [string, number] => [name, report[name]]),
    ['outsideParent.over1000Us', report.outsideParent.over1000Us],
  ];
}

function nonZero(counters: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== 0));
}

function notForwarded(forward: ForwarderCounters | undefined): number {
  if (forward === undefined) return 0;
  const { dropped_queue_full, dropped_retry_expired, dropped_rejected, dropped_shutdown } = forward;
  return dropped_queue_full + dropped_retry_expired + dropped_rejected + dropped_shutdown;
}
