// SPDX-License-Identifier: Apache-2.0
import type { Findings, Row } from '../harness/report.ts';
import type { Measured } from '../harness/target.ts';
import { type Cell, cells, DEFAULT_WINDOW, windows } from './cells.ts';
import { paperFormats } from './paper.ts';
import type { RoundResult, ServerResult } from './round-result.ts';

/** Detection rates in per cent: a row for each kind of request, a column for each window; then the paper's. */
export function summarize(rounds: readonly RoundResult[], { contextEndBytes }: ServerResult): Findings {
  const rows: Row[] = cells.map((cell) => ({
    format: cell.format,
    cookieBytes: cell.cookieBytes,
    contextEndBytes: contextEndBytes[cell.index] ?? null,
    ...columns((window) => percent(rounds, window, cell)),
  }));
  const paper = Object.entries(paperFormats).map(([format, rate]) => ({
    ...{ format, cookieBytes: null, contextEndBytes: null },
    ...columns(rate),
  }));
  return { targets: getTargets(rounds, contextEndBytes), rows: [...rows, ...paper] };
}

/** All, wherever the context lies inside the window; and everywhere with the default one. */
function getTargets(
  rounds: readonly RoundResult[],
  contextEndBytes: ServerResult['contextEndBytes'],
): Measured[] {
  return cells.flatMap((cell) =>
    windows
      .filter((window) => window === DEFAULT_WINDOW || (contextEndBytes[cell.index] ?? 0) <= window)
      .map((window) => ({
        id: `detected@${cell.format}-cookie${cell.cookieBytes}-window${window}`,
        value: percent(rounds, window, cell),
        op: '>=',
        target: 100,
        unit: '%',
      })),
  );
}

function percent(rounds: readonly RoundResult[], window: number, { index }: Cell): number | null {
  const rate = rounds.find((round) => round.window === window)?.detected.get(index);
  return rate === undefined ? null : rate * 100;
}

function columns(value: (window: number) => string | number | null): Row {
  return Object.fromEntries(windows.map((window) => [`${window}B`, value(window)]));
}
