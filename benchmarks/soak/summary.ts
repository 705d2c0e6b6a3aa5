// SPDX-License-Identifier: Apache-2.0
import { lossesOf } from '@hopspan/test/soak/explained.ts';
import type { RoundOutcome } from '@hopspan/test/soak/scene.ts';
import type { Verdict } from '@hopspan/test/soak/verdict.ts';
import type { Findings, Row } from '../harness/report.ts';
import type { Measured } from '../harness/target.ts';

/** What came of one round. */
export interface RoundResult {
  readonly name: string;
  readonly outcome: Pick<RoundOutcome, 'counters' | 'lostOnWire' | 'tcp'>;
  readonly verdict: Verdict;
}

type Figure = Exclude<keyof Verdict, 'absentBy'>;

/** Requests that the experiment is to send; and what must be none. Issue 3, rows 2 and 4. */
export function summarize(rounds: readonly RoundResult[], requests: number): Findings {
  const sum = (figure: Figure) => rounds.reduce((total, { verdict }) => total + verdict[figure], 0);
  const none = (figure: Figure, unit: string): Measured => ({
    id: figure,
    value: sum(figure),
    op: '==',
    target: 0,
    unit,
  });
  return {
    targets: [
      { id: 'requests', value: sum('requests'), op: '>=', target: requests, unit: 'requests' },
      { id: 'retransmittedPercent', value: retransmittedPercent(rounds), op: '>=', target: 1, unit: '%' },
      none('missing', 'hops'),
      none('duplicate', 'hops'),
      none('misparented', 'hops'),
      none('residual', 'events'),
      { id: 'responses', value: sum('responseHops'), op: '==', target: sum('requestHops'), unit: 'hops' },
      none('wrongStatus', 'hops'),
    ],
    rows: rounds.map(rowOf),
  };
}

/** The share of the data segments that were sent again. */
function retransmittedPercent(rounds: readonly RoundResult[]): number | null {
  const pods = rounds.flatMap(({ outcome }) => Object.values(outcome.tcp));
  const sent = pods.reduce((total, pod) => total + pod.sent, 0);
  const again = pods.reduce((total, pod) => total + pod.retransmitted, 0);
  return sent === 0 ? null : (100 * again) / sent;
}

function rowOf({ name, outcome, verdict }: RoundResult): Row {
  const { absentBy, ...figures } = verdict;
  const pods = Object.values(outcome.tcp);
  return {
    round: name,
    ...figures,
    segments: pods.reduce((total, { sent }) => total + sent, 0),
    retransmitted: pods.reduce((total, { retransmitted }) => total + retransmitted, 0),
    lostOnWire: outcome.lostOnWire,
    absentBy: text(absentBy),
    losses: Object.entries(outcome.counters)
      .map(([node, counters]) => `${node}: ${text(lossesOf(counters))}`)
      .join('; '),
  };
}

function text(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).map(([name, value]) => `${name} ${value}`);
  return entries.length === 0 ? 'none' : entries.join(', ');
}
