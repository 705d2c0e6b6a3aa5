// SPDX-License-Identifier: Apache-2.0
import { quantile, sorted } from '../harness/quantile.ts';
import type { Row } from '../harness/report.ts';
import type { Measured } from '../harness/target.ts';
import type { Pair } from './join.ts';
import type { RoundResult } from './round.ts';

/** At 80 requests per second nothing of the path is in the CPU's caches. */
const P99_LIMIT_NS = { quiet: 10_000, steady: 5000, busy: 5000 };

/** tcpdump's interval less the hop's duration, for every pair, ascending. */
export function errorsOf(pairs: readonly Pair[]): number[] {
  return sorted(pairs.map(({ hopspanNs, tcpdumpNs }) => tcpdumpNs - hopspanNs));
}

/** A line for each direction. Times are in nanoseconds. */
export function summarize({ plan, client, directions }: RoundResult): Row[] {
  return directions.map(({ direction, joined, tcpdumpDropped, ringFull }) => {
    const errors = errorsOf(joined.pairs);
    const hopspan = sorted(joined.pairs.map(({ hopspanNs }) => hopspanNs));
    const tcpdump = sorted(joined.pairs.map(({ tcpdumpNs }) => tcpdumpNs));
    return {
      round: plan.name,
      direction,
      qps: Math.round(client.rate),
      requests: client.requests,
      pairs: joined.pairs.length,
      hopsAlone: joined.hopsAlone,
      tcpdumpAlone: joined.intervalsAlone,
      ambiguous: joined.ambiguous,
      tcpdumpDropped,
      ringFull,
      hopspanP50Ns: quantile(hopspan, 0.5),
      tcpdumpP50Ns: quantile(tcpdump, 0.5),
      hopspanP99Ns: quantile(hopspan, 0.99),
      tcpdumpP99Ns: quantile(tcpdump, 0.99),
      minErrorNs: quantile(errors, 0),
      p50ErrorNs: quantile(errors, 0.5),
      p90ErrorNs: quantile(errors, 0.9),
      p99ErrorNs: quantile(errors, 0.99),
      maxErrorNs: quantile(errors, 1),
    };
  });
}

/** Figures of issue 2 and performance.md §2a J: each holds for the worse of the two directions. */
export function getTargets(rounds: readonly RoundResult[]): Measured[] {
  return rounds.flatMap((round) => {
    const { plan } = round;
    if (plan.name !== 'busy') {
      return [
        atLeast(`minErrorNs@${plan.rate}qps`, worst(round, 0), -100, 'ns'),
        atMost(`p99ErrorNs@${plan.rate}qps`, worst(round, 0.99), P99_LIMIT_NS[plan.name], 'ns'),
      ];
    }
    return [
      atLeast('pairs', fewestPairs(round), 1000, 'packets'),
      atLeast('minErrorNs', worst(round, 0), -100, 'ns'),
      atMost('p50ErrorNs', worst(round, 0.5), 500, 'ns'),
      atMost('p99ErrorNs', worst(round, 0.99), P99_LIMIT_NS.busy, 'ns'),
      atLeast('qps', Math.round(round.client.rate), 1000, '1/s'),
    ];
  });
}

function atLeast(id: string, value: number | null, target: number, unit: string): Measured {
  return { id, value, op: '>=', target, unit };
}

function atMost(id: string, value: number | null, target: number, unit: string): Measured {
  return { id, value, op: '<=', target, unit };
}

function fewestPairs({ directions }: RoundResult): number {
  return Math.min(...directions.map(({ joined }) => joined.pairs.length));
}

/** The quantile of the errors in the direction where it is worse; null when one of them has no pairs. */
function worst({ directions }: RoundResult, q: number): number | null {
  const values = directions.map(({ joined }) => quantile(errorsOf(joined.pairs), q));
  const known = values.filter((value) => value !== null);
  if (known.length < values.length) return null;
  return q === 0 ? Math.min(...known) : Math.max(...known);
}
