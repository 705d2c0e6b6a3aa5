// SPDX-License-Identifier: Apache-2.0
// Compares hop spans with what tcpdump saw at the same devices.
import assert from 'node:assert/strict';
import type { Passage } from '../lab/capture.ts';
import type { CollectedSpan } from '../lab/index.ts';
import type { Overlay } from './overlay.ts';

/** One end of a hop as text: `vethclient ingress 10.42.1.2:40000 > 10.96.0.10:80`. */
export type EndText = string;

/** Both ends of a hop span. */
export function endsOf({ attributes }: CollectedSpan): [EndText, EndText] {
  const end = (which: 'from' | 'to'): EndText => {
    const address = (side: 'source' | 'destination') =>
      ['address', 'port']
        .map((part) => attributes[`hopspan.${which}.${side}.${part}`] ?? attributes[`${side}.${part}`])
        .join(':');
    const point = `${attributes[`hopspan.${which}.interface`]} ${attributes[`hopspan.${which}.hook`]}`;
    return `${point} ${address('source')} > ${address('destination')}`;
  };
  return [end('from'), end('to')];
}

/** A passage in the words of endsOf. */
export function textOf({ device, hook, source, destination }: Passage): EndText {
  return `${device} ${hook} ${source} > ${destination}`;
}

/** Hop spans of requests by `traceid-spanid`, as the collector has them. */
export function requestHops(overlay: Pick<Overlay, 'hops'>): Map<string, CollectedSpan[]> {
  const requests = [...overlay.hops()].map(
    ([key, spans]) =>
      [key, spans.filter(({ attributes }) => attributes['hopspan.kind'] === 'request')] as const,
  );
  return new Map(requests);
}

/** Hops in the order of the packet. */
export function inOrder(hops: readonly CollectedSpan[]): CollectedSpan[] {
  return hops.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
}

/**
 * Fails unless the hops of one message on one node are exactly those that tcpdump's passages at the watched devices
 * make: from each to the next, with its addresses and its position, and without a gap or an overlap. Of several copies
 * the first that got furthest counts.
 */
export function assertFollows(
  hops: readonly CollectedSpan[],
  passages: readonly Passage[],
  watched: readonly string[],
): void {
  const copies = copiesOf(passages.filter(({ device }) => watched.includes(device)));
  const number = copies.findIndex(({ length }) => length === Math.max(...copies.map((copy) => copy.length)));
  const points = copies[number] ?? [];
  const sorted = inOrder(
    hops.filter((hop) => Number(hop.attributes['hopspan.retransmission'] ?? 0) === number),
  );
  const expected = points.slice(1).map((to, i) => [textOf(points[i] as Passage), textOf(to)]);
  assert.deepEqual(sorted.map(endsOf), expected);
  for (const [i, hop] of sorted.entries()) {
    assert.equal(hop.attributes['hopspan.stream.position'], points[i]?.position);
    assert.equal(points[i + 1]?.position, points[i]?.position);
    assert.ok(hop.endTimeUnixNano > hop.startTimeUnixNano);
    const next = sorted[i + 1];
    if (next !== undefined) assert.equal(next.startTimeUnixNano, hop.endTimeUnixNano, 'hops tile the path');
  }
}

/** One list for each copy of the message that came to the first point: TCP sends again what was lost on the way. */
function copiesOf(passages: readonly Passage[]): Passage[][] {
  const copies: Passage[][] = [];
  const [first] = passages;
  for (const passage of passages) {
    const again = passage.device === first?.device && passage.hook === first.hook;
    if (again) copies.push([passage]);
    else copies.at(-1)?.push(passage);
  }
  return copies;
}
