// SPDX-License-Identifier: Apache-2.0
import type { CollectedSpan } from '../lab/index.ts';
import { type Direction, expectHops, type Placement, serverAddressOf } from './expected-hops.ts';

/** What one round of the demo proved. Every figure but the counts of traffic must be 0. */
export interface Verdict {
  traces: number;
  clientSpans: number;
  /** Of requests and of responses. */
  hops: Record<Direction, number>;
  responseHops: number;
  /** Response hops whose status is not the one that the client span tells. */
  wrongStatus: number;
  expectedHops: number;
  missingHops: number;
  duplicateHops: number;
  /** Hops of retransmitted copies: more than one for a message is no duplicate. */
  retransmittedHops: number;
  /** Hop spans whose parent is in no trace that the application exported. */
  orphanSpans: number;
  /** Hop spans whose parent is no client span, or the client span of another call. */
  misparentedSpans: number;
  unsampledSpans: number;
  outsideParent: { count: number; maxExcessUs: number; over1000Us: number };
  /** Client spans that are shorter than the time from the first beginning to the last end of their hops: by no clock's doing. */
  tooShortParents: number;
}

/** Names that the demo's agents give their resource; see packages/exporter. */
export const hopService = 'overlay-network';

export function judge(spans: readonly CollectedSpan[], places: readonly Placement[]): Verdict {
  const hops = spans.filter((span) => span.service === hopService);
  const application = new Map(
    spans
      .filter((span) => span.service !== hopService)
      .map((span) => [keyOf(span.traceId, span.spanId), span]),
  );
  const clients = [...application.values()].filter(
    ({ kind, flags }) => kind === 'CLIENT' && (flags & 1) === 1,
  );
  const expected = new Map(
    expectHops(clients, places).map((hop) => [
      `${keyOf(hop.client.traceId, hop.client.spanId)}/${hop.kind}/${hop.direction}/${hop.node}`,
      0,
    ]),
  );
  const verdict: Verdict = {
    traces: new Set([...application.values()].map(({ traceId }) => traceId)).size,
    clientSpans: clients.length,
    hops: { transmit: 0, receive: 0, local: 0 },
    responseHops: 0,
    wrongStatus: 0,
    expectedHops: expected.size,
    missingHops: 0,
    duplicateHops: 0,
    retransmittedHops: 0,
    orphanSpans: 0,
    misparentedSpans: 0,
    unsampledSpans: 0,
    outsideParent: { count: 0, maxExcessUs: 0, over1000Us: 0 },
    tooShortParents: 0,
  };
  for (const hop of hops) judgeHop(hop, application, expected, verdict);
  verdict.tooShortParents = countTooShort(clients, hops);
  verdict.missingHops = [...expected.values()].filter((count) => count === 0).length;
  return verdict;
}

function judgeHop(
  hop: CollectedSpan,
  application: ReadonlyMap<string, CollectedSpan>,
  expected: Map<string, number>,
  verdict: Verdict,
): void {
  const direction = hop.name.replace(/^overlay /, '') as Direction;
  if ((hop.flags & 1) === 0) verdict.unsampledSpans++;
  const parent = application.get(keyOf(hop.traceId, hop.parentSpanId ?? ''));
  if (parent === undefined) {
    verdict.orphanSpans++;
    return;
  }
  const kind = hop.attributes['hopspan.kind'];
  const key = `${keyOf(parent.traceId, parent.spanId)}/${kind}/${direction}/${nodeOf(hop)}`;
  const seen = expected.get(key);
  if (seen === undefined || !isSameCall(hop, parent)) {
    verdict.misparentedSpans++;
    return;
  }
  verdict.hops[direction]++;
  if (kind === 'response') {
    verdict.responseHops++;
    if (hop.attributes['http.response.status_code'] !== parent.attributes['http.response.status_code'])
      verdict.wrongStatus++;
  }
  if (isCopy(hop)) {
    verdict.retransmittedHops++;
  } else if (seen > 0) {
    verdict.duplicateHops++;
  }
  expected.set(key, seen + 1);
  addExcess(verdict.outsideParent, excessNs(hop, parent));
}

/** The addresses on the wire are those of the call that the client span tells of. */
function isSameCall(hop: CollectedSpan, parent: CollectedSpan): boolean {
  const end = hop.attributes['hopspan.kind'] === 'response' ? 'source' : 'destination';
  return (
    hop.attributes[`${end}.address`] === serverAddressOf(parent) &&
    hop.attributes[`${end}.port`] === parent.attributes['server.port']
  );
}

/** How far the hop reaches out of its parent, on either side, in nanoseconds. */
function excessNs(hop: CollectedSpan, parent: CollectedSpan): number {
  const before = Number(parent.startTimeUnixNano - hop.startTimeUnixNano);
  const after = Number(hop.endTimeUnixNano - parent.endTimeUnixNano);
  return Math.max(0, before, after);
}

/** How many calls take less time than their hops. Copies are left out: they may be under way when the call has ended. */
function countTooShort(clients: readonly CollectedSpan[], hops: readonly CollectedSpan[]): number {
  const first = hops.filter((hop) => !isCopy(hop));
  const byParent = Map.groupBy(first, ({ traceId, parentSpanId }) => keyOf(traceId, parentSpanId ?? ''));
  const isTooShort = ({ traceId, spanId, startTimeUnixNano, endTimeUnixNano }: CollectedSpan) => {
    const own = byParent.get(keyOf(traceId, spanId)) ?? [];
    const [begin] = own.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
    const [end] = own.toSorted((a, b) => Number(b.endTimeUnixNano - a.endTimeUnixNano));
    const taken = (end?.endTimeUnixNano ?? 0n) - (begin?.startTimeUnixNano ?? 0n);
    return taken > endTimeUnixNano - startTimeUnixNano;
  };
  return clients.filter(isTooShort).length;
}

function isCopy({ attributes }: CollectedSpan): boolean {
  return Number(attributes['hopspan.retransmission'] ?? 0) > 0;
}

function addExcess(outside: Verdict['outsideParent'], excess: number): void {
  if (excess === 0) return;
  outside.count++;
  outside.maxExcessUs = Math.max(outside.maxExcessUs, excess / 1000);
  if (excess > 1_000_000) outside.over1000Us++;
}

/** The agent's resource says which node it runs on. */
export function nodeOf(hop: CollectedSpan): string {
  return String(hop.resource['k8s.node.name'] ?? '');
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId}/${spanId}`;
}
