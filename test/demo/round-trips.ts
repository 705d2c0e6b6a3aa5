// SPDX-License-Identifier: Apache-2.0
import { Stitcher } from '@hopspan/core';
import { readStitchingFacts } from '@hopspan/exporter';
import type { CollectedSpan } from '../lab/index.ts';

/** The wire round trips among some spans. */
export interface RoundTrips {
  /** Nanoseconds, by the id of the span on the client's node. */
  readonly nsBySpan: ReadonlyMap<string, number>;
  /** Requests that have none because a copy was sent again. */
  readonly retransmitted: number;
  /** Requests that have none for another reason. */
  readonly missing: number;
}

/** Joins both nodes' latency budgets, as examples/stitcher does before a collector; here all spans are there already. */
export function stitchRoundTrips(spans: readonly CollectedSpan[]): RoundTrips {
  const nsBySpan = new Map<string, number>();
  const stitcher = new Stitcher<CollectedSpan>({
    maxRequests: Math.max(1, spans.length),
    release: (released) => {
      for (const { item, roundTripNs } of released) {
        if (roundTripNs !== undefined) nsBySpan.set(item.spanId, roundTripNs);
      }
    },
  });
  for (const span of spans) {
    const { part, copyOf } = readStitchingFacts({ ...span, attribute: (name) => span.attributes[name] });
    if (part !== undefined) stitcher.add(part, span, 0);
    if (copyOf !== undefined) stitcher.noteCopy(copyOf);
  }
  stitcher.flush();
  const { unmatched, ambiguous, negative, retransmitted } = stitcher.counters();
  return { nsBySpan, retransmitted, missing: unmatched + ambiguous + negative };
}

/** `transmit 27.8 · away 17512.3 · receive 26.8 µs, wire round trip 59.9 µs`, where the span says where the time went. */
export function describeBudget(
  { spanId, attributes }: CollectedSpan,
  roundTrips: RoundTrips,
): string | undefined {
  const role = attributes['hopspan.budget.role'];
  if (role !== 'client' && role !== 'local') return undefined;
  const micros = (name: string) => (Number(attributes[`hopspan.budget.${name}`]) / 1000).toFixed(1);
  if (role === 'local') {
    return `request ${micros('request')} · in the pod ${micros('pod')} · response ${micros('response')} µs`;
  }
  const roundTripNs = roundTrips.nsBySpan.get(spanId);
  const wire = roundTripNs === undefined ? '' : `, wire round trip ${(roundTripNs / 1000).toFixed(1)} µs`;
  return `transmit ${micros('request')} · away ${micros('away')} · receive ${micros('response')} µs${wire}`;
}
