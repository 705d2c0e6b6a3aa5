// SPDX-License-Identifier: Apache-2.0
import type { Endpoint, Hop } from '@hopspan/core';

/** A hop's kernel times in nanoseconds, as decimal text: the same clock on all nodes of a lab. */
export interface RawHop {
  /** `traceid-spanid` of the request. */
  readonly context: string;
  /** Which connection, both directions alike: the client's end, then the server's. */
  readonly connection: string;
  /** Where the message begins in its stream, and of a response the request that it answers, as the kernel says. */
  readonly position: number;
  readonly requestPosition: number | undefined;
  readonly kind: Hop['kind'];
  readonly direction: Hop['direction'];
  readonly retransmission: number;
  readonly fromNs: string;
  readonly toNs: string;
}

export function toRawHop({ context, kind, direction, retransmission, from, to, ...hop }: Hop): RawHop {
  const { streamPosition: position, requestPosition } = hop;
  return {
    context: `${context.traceId}-${context.spanId}`,
    connection:
      kind === 'request'
        ? `${text(from.source)} ${text(from.destination)}`
        : `${text(from.destination)} ${text(from.source)}`,
    ...{ position, requestPosition, kind, direction, retransmission },
    fromNs: String(from.monotonicNs),
    toNs: String(to.monotonicNs),
  };
}

/**
 * The wire round trips by one clock that both nodes share: the way there plus the way back. The nth response of a
 * connection answers its nth request (RFC 9112, 9.3.2), whatever the records say.
 * @returns nanoseconds by context and position of the request, as `context@position`
 */
export function trueRoundTrips(client: readonly RawHop[], server: readonly RawHop[]): Map<string, number> {
  const truth = new Map<string, number>();
  const [asked, back] = [inOrder(client, 'request'), inOrder(client, 'response')];
  const [arrived, answered] = [inOrder(server, 'request'), inOrder(server, 'response')];
  for (const [connection, requests] of asked) {
    for (const [n, { context, position, toNs }] of requests.entries()) {
      const there = BigInt(arrived.get(connection)?.[n]?.fromNs ?? 0) - BigInt(toNs);
      const home =
        BigInt(back.get(connection)?.[n]?.fromNs ?? 0) - BigInt(answered.get(connection)?.[n]?.toNs ?? 0);
      truth.set(`${context}@${position}`, Number(there + home));
    }
  }
  return truth;
}

/** First copies of one kind by connection, in the order of the stream; it must not wrap around within the test. */
function inOrder(hops: readonly RawHop[], kind: Hop['kind']): Map<string, RawHop[]> {
  const first = hops.filter((hop) => hop.kind === kind && hop.retransmission === 0);
  return new Map(
    [...Map.groupBy(first, ({ connection }) => connection)].map(([connection, all]) => [
      connection,
      all.toSorted((a, b) => (a.position - b.position) | 0),
    ]),
  );
}

function text({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
