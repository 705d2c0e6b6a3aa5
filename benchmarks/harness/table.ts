// SPDX-License-Identifier: Apache-2.0
import type { Report, Row } from './report.ts';

/** Rows as aligned columns: text to the left, numbers to the right, in the order of the first row's keys. */
export function formatTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column])));
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((line) => line[i]?.length ?? 0)),
  );
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'));
  const pad = (cell: string, i: number): string =>
    isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
  return [columns, ...cells].map((line) => `  ${line.map(pad).join('  ').trimEnd()}\n`).join('');
}

/** A report for people. */
export function formatReport(report: Report): string {
  const { name, machine, commit, foreign, noisy } = report;
  const during = foreign.duringCpus === null ? '' : `, ${foreign.duringCpus} while it ran`;
  const targets = report.targets.map(({ id, value, op, target, unit, ok }) => ({
    target: id,
    measured: value,
    wanted: `${op} ${formatCell(target)} ${unit}`,
    holds: ok ? 'yes' : 'NO',
  }));
  return [
    `${name}: ${report.ok ? 'all targets hold' : 'NOT all targets hold'}${noisy ? ' (noisy)' : ''}\n`,
    `  ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, commit ${commit}\n`,
    `  CPUs busy with other things: ${foreign.beforeCpus} before${during}\n`,
    ...(report.rows.length > 0 ? ['\n', formatTable(report.rows)] : []),
    ...(targets.length > 0 ? ['\n', formatTable(targets)] : []),
  ].join('');
}

function formatCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
