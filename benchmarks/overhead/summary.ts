// SPDX-License-Identifier: Apache-2.0
import { type MedianInterval, medianInterval } from '../harness/median-interval.ts';
import { sorted } from '../harness/quantile.ts';
import type { Findings, Row } from '../harness/report.ts';
import type { Measured } from '../harness/target.ts';
import { type Load, loads } from './loads.ts';
import type { Round } from './round.ts';
import { type Watcher, watchers } from './watchers.ts';

/** A request and its response, on the client's node and on the server's. */
const HOPS_OF_A_REQUEST = 4;

/** Figures of performance.md §2a G, each against nobody watching, in the same round. */
export function summarize(rounds: readonly Round[]): Findings {
  const rate = (load: Load['name']) => ratios(rounds, load, 'hopspan', ({ rate }) => rate);
  const p99 = ratios(rounds, 'traced', 'hopspan', ({ p99Micros }) => p99Micros);
  const targets: Measured[] = [
    { id: 'tracedRateRatioLow', value: rate('traced')?.low ?? null, op: '>=', target: 0.955, unit: 'ratio' },
    { id: 'tracedP99Ratio', value: p99?.median ?? null, op: '<=', target: 1.05, unit: 'ratio' },
    { id: 'bulkRateRatio', value: rate('bulk')?.median ?? null, op: '>=', target: 0.97, unit: 'ratio' },
    { id: 'hopsReportedShare', value: shareOfHops(rounds), op: '>=', target: 0.999, unit: 'share' },
  ];
  const rows = loads.flatMap((load) => watchers.map((watcher) => describe(rounds, load, watcher)));
  return { targets, rows };
}

function describe(rounds: readonly Round[], { name, unit }: Load, watcher: Watcher): Row {
  const of = (round: Round) => round[watcher.name].performances[name];
  const rate = ratios(rounds, name, watcher.name, ({ rate }) => rate);
  const p99 = ratios(rounds, name, watcher.name, ({ p99Micros }) => p99Micros);
  return {
    load: name,
    watcher: watcher.name,
    rounds: rounds.length,
    rate: Math.round(medianInterval(sorted(rounds.map((round) => of(round).rate)))?.median ?? 0),
    unit,
    rateRatio: rounded(rate?.median),
    rateRatioLow: rounded(rate?.low),
    rateRatioHigh: rounded(rate?.high),
    p99Ratio: rounded(p99?.median),
    userNsPerHop: watcher.name === 'hopspan' && name === 'traced' ? timeOfHop(rounds) : null,
  };
}

/** A figure under this watcher by the same figure under none, for each round. */
function ratios(
  rounds: readonly Round[],
  load: Load['name'],
  watcher: Watcher['name'],
  pick: (performance: Round['none']['performances']['bulk']) => number | null,
): MedianInterval | undefined {
  const values = rounds.flatMap((round) => {
    const [one, base] = [pick(round[watcher].performances[load]), pick(round.none.performances[load])];
    return one === null || base === null ? [] : [one / base];
  });
  return medianInterval(sorted(values));
}

/** Hops that were reported by those that must exist. wrk ends with requests that it does not count: a little more than 1. */
function shareOfHops(rounds: readonly Round[]): number {
  const requests = total(rounds, ({ hopspan }) => hopspan.performances.traced.requests);
  const hops = total(rounds, ({ hopspan }) => hopspan.account?.hops ?? 0);
  return rounded(hops / (requests * HOPS_OF_A_REQUEST)) ?? 0;
}

/** CPU time of the probe's processes, whatever they did. */
function timeOfHop(rounds: readonly Round[]): number {
  const micros = total(rounds, ({ hopspan }) => hopspan.account?.cpuMicros ?? 0);
  return Math.round((micros * 1000) / total(rounds, ({ hopspan }) => hopspan.account?.hops ?? 0));
}

function total(rounds: readonly Round[], pick: (round: Round) => number): number {
  return rounds.reduce((sum, round) => sum + pick(round), 0);
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10_000) / 10_000;
}
