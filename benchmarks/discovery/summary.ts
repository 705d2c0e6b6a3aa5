// SPDX-License-Identifier: Apache-2.0
import type { Findings, Row } from '../harness/report.ts';
import type { Measured } from '../harness/target.ts';
import type { DiscoveryResult } from './messages.ts';
import type { Size } from './population.ts';

/** One way to know pods of other nodes. */
export interface Round {
  readonly remotePods: string;
  readonly pods: number;
  /** Pods of other nodes that were deleted while it ran. */
  readonly deleted: number;
  readonly result: DiscoveryResult;
}

const MIB = 2 ** 20;

/** No issue asks for a number of bytes or milliseconds; the targets are what must be so whatever the machine. */
export function summarize(size: Size, rounds: readonly Round[]): Findings {
  const [slices] = rounds;
  if (slices === undefined) throw new Error('no round was run');
  const { result, pods } = slices;
  const podEvents = (result.steady?.events ?? 0) - (result.counters.events ?? 0);
  return {
    targets: [
      equals('podsNamed', result.right, pods, 'pods'),
      equals('podsNamedWrongly', sum(rounds.map((round) => round.result.wrong)), 0, 'pods'),
      equals('podsRead', result.byKind.pods?.listed ?? null, size.podsPerNode, 'pods'),
      equals('eventsOfPodsElsewhere', podEvents, 0, 'events'),
      equals('errors', sum(rounds.map((round) => round.result.counters.errors ?? 0)), 0, 'errors'),
    ],
    rows: rounds.map(toRow),
  };
}

function equals(id: string, value: number | null, target: number, unit: string): Measured {
  return { id, value, op: '==', target, unit };
}

function toRow({ remotePods, pods, deleted, result }: Round): Row {
  const { before, after, peakRss, counters, steady = {} } = result;
  return {
    ...{ remotePods, pods },
    syncedMs: Math.round(result.syncedMillis),
    requests: counters.requests ?? null,
    listRequests: counters.pages ?? null,
    watches: counters.watches ?? null,
    receivedKiB: Math.round((counters.bytes ?? 0) / 1024),
    objectsRead: counters.listed ?? null,
    claims: counters.claims ?? null,
    heapMiB: mebibytes(after.heapUsed - before.heapUsed),
    rssMiB: mebibytes(after.rss - before.rss),
    peakRssMiB: mebibytes(peakRss - before.rss),
    processRssMiB: mebibytes(after.rss),
    ...{ right: result.right, unnamed: result.unnamed, wrong: result.wrong, resolveNs: result.resolveNs },
    deletedElsewhere: deleted,
    eventsOfThat: (steady.events ?? 0) - (counters.events ?? 0),
    requestsOfThat: (steady.requests ?? 0) - (counters.requests ?? 0),
  };
}

function mebibytes(bytes: number): number {
  return Number((bytes / MIB).toFixed(1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
