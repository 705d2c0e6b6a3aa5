// SPDX-License-Identifier: Apache-2.0
import type { ReportedHop } from './probe-result.ts';

/** When each message was seen at a device, in nanoseconds since 1970. */
export type SeenAt = ReadonlyMap<string, bigint>;

/** One packet, measured twice. */
export interface Pair {
  readonly hopspanNs: number;
  readonly tcpdumpNs: number;
}

/** The hops of one direction and the intervals tcpdump saw, packet by packet. */
export interface Joined {
  readonly pairs: readonly Pair[];
  /** Hops whose packet tcpdump did not see at both devices. */
  readonly hopsAlone: number;
  /** Packets that tcpdump saw at both devices and Hopspan reported no hop for. */
  readonly intervalsAlone: number;
  /** Messages left out because either side saw them more than once: retransmissions. */
  readonly ambiguous: number;
}

/** Times of the messages that were seen once, and the keys of those that were seen more than once. */
export interface Sightings {
  readonly once: SeenAt;
  readonly repeated: ReadonlySet<string>;
}

/** @param seen key and time of every packet, in any order */
export function collectSightings(seen: Iterable<readonly [key: string, timeNs: bigint]>): Sightings {
  const once = new Map<string, bigint>();
  const repeated = new Set<string>();
  for (const [key, timeNs] of seen) {
    if (once.has(key)) repeated.add(key);
    else once.set(key, timeNs);
  }
  for (const key of repeated) once.delete(key);
  return { once, repeated };
}

/** @param hops all of one direction */
export function join(hops: readonly ReportedHop[], from: Sightings, to: Sightings): Joined {
  const counts = Map.groupBy(hops, ({ key }) => key);
  const repeated = new Set([
    ...from.repeated,
    ...to.repeated,
    ...[...counts].filter(([, same]) => same.length > 1).map(([key]) => key),
  ]);
  const pairs: Pair[] = [];
  let hopsAlone = 0;
  for (const { key, durationNs } of hops) {
    if (repeated.has(key)) continue;
    const tcpdumpNs = interval(key, from.once, to.once);
    if (tcpdumpNs === undefined) hopsAlone += 1;
    else pairs.push({ hopspanNs: durationNs, tcpdumpNs });
  }
  const both = [...from.once.keys()].filter((key) => to.once.has(key) && !repeated.has(key)).length;
  return { pairs, hopsAlone, intervalsAlone: both - pairs.length, ambiguous: repeated.size };
}

function interval(key: string, from: SeenAt, to: SeenAt): number | undefined {
  const start = from.get(key);
  const end = to.get(key);
  return start === undefined || end === undefined ? undefined : Number(end - start);
}
