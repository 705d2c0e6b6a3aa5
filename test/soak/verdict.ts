// SPDX-License-Identifier: Apache-2.0
import type { AgentCounters } from '../lab/agent.ts';
import { balance } from '../lab/conservation.ts';
import { type ExpectedHop, expectHops, type Places } from './expected-hops.ts';
import { explainedBy } from './explained.ts';
import type { SeenHop } from './seen-hop.ts';
import type { TruthEntry } from './truth.ts';

/** What came of a round. */
export interface Outcome {
  readonly truth: readonly TruthEntry[];
  readonly hops: readonly SeenHop[];
  /** Of each node's agent, after its end. */
  readonly counters: Readonly<Record<string, AgentCounters>>;
  readonly places: Places;
}

/** How the hops stand against the truth. */
export interface Verdict {
  readonly requests: number;
  readonly sampled: number;
  /** Hops of requests, and of responses, that must exist, and those of them that do (copies apart). */
  readonly requestHopsExpected: number;
  readonly requestHops: number;
  readonly responseHopsExpected: number;
  readonly responseHops: number;
  /** Hops that must exist and do not. */
  readonly absent: number;
  /** Those of them that no counter of a loss, on their own node, tells of. */
  readonly missing: number;
  /** Hops of the same copy of the same message between the same roles, beyond the first. */
  readonly duplicate: number;
  /** Hops that are of no sampled request (decoys, unsampled ones), or on a node, in a direction or with ends that are not its. */
  readonly misparented: number;
  /** Response hops whose status code is not the one that the client has read. */
  readonly wrongStatus: number;
  /** Hops of retransmitted copies. */
  readonly copies: number;
  /** What is not accounted for in the sums of the agents, all sums together. */
  readonly residual: number;
  /** Absent hops by kind of load and message: for the reader, to see where. */
  readonly absentBy: Readonly<Record<string, number>>;
}

type Place = Pick<SeenHop, 'node' | 'direction' | 'kind' | 'context'>;
const keyOf = ({ context, kind, node, direction }: Place): string =>
  `${context} ${kind} ${node} ${direction}`;

export function judgeSoak(outcome: Outcome): Verdict {
  const { truth, hops, counters, places } = outcome;
  const seen = new Set(hops.map(keyOf));
  const expected = new Map<string, { readonly hop: ExpectedHop; readonly entry: TruthEntry }>();
  for (const entry of truth)
    for (const hop of expectHops(entry, places)) expected.set(keyOf(hop), { hop, entry });
  const wanted = [...expected.entries()];
  const absent = wanted.filter(([key]) => !seen.has(key)).map(([, each]) => each);
  const count = (kind: string, among = wanted) => among.filter(([, { hop }]) => hop.kind === kind).length;
  const present = wanted.filter(([key]) => seen.has(key));
  return {
    requests: truth.length,
    sampled: truth.filter(({ context, sampled }) => context !== undefined && sampled).length,
    requestHopsExpected: count('request'),
    requestHops: count('request', present),
    responseHopsExpected: count('response'),
    responseHops: count('response', present),
    absent: absent.length,
    missing: missingOf(
      absent.map(({ hop }) => hop),
      counters,
    ),
    duplicate: hops.length - new Set(hops.map((hop) => `${keyOf(hop)} ${hop.retransmission}`)).size,
    misparented: hops.filter((hop) => !belongs(hop, expected.get(keyOf(hop))?.hop)).length,
    wrongStatus: hops.filter(
      (hop) => hop.kind === 'response' && isWrong(hop, expected.get(keyOf(hop))?.entry),
    ).length,
    copies: hops.filter(({ retransmission }) => retransmission > 0).length,
    residual: Object.values(counters)
      .flatMap(balance)
      .reduce((sum, { residual }) => sum + Math.abs(residual), 0),
    absentBy: tally(absent.map(({ hop, entry }) => `${entry.kind} ${hop.kind}`)),
  };
}

/** On each node by itself, so that what one node has counted too much cannot excuse another. */
function missingOf(absent: readonly ExpectedHop[], counters: Outcome['counters']): number {
  return Object.entries(counters).reduce((sum, [node, each]) => {
    const here = absent.filter((hop) => hop.node === node).length;
    return sum + Math.max(0, here - explainedBy(each));
  }, 0);
}

function belongs(hop: SeenHop, expected: ExpectedHop | undefined): boolean {
  if (expected === undefined) return false;
  const { source = hop.source, destination = hop.destination } = expected;
  return hop.source === source && hop.destination === destination;
}

/** A hop of no request is misparented, not wrong. */
function isWrong(hop: SeenHop, entry: TruthEntry | undefined): boolean {
  return entry !== undefined && hop.status !== entry.status;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
