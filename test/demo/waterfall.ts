// SPDX-License-Identifier: Apache-2.0
import type { CollectedSpan } from '../lab/index.ts';
import { describeBudget, stitchRoundTrips } from './round-trips.ts';
import { hopService, nodeOf } from './verdict.ts';

const BAR = 44;

interface Row {
  readonly span: CollectedSpan;
  readonly depth: number;
}

/**
 * A trace as text: children indented under their parent in order of time, bars to scale, times in µs; below the last hop
 * of each request where its time went.
 */
export function renderTrace(spans: readonly CollectedSpan[]): string {
  const rows = toRows(spans);
  const start = rows.reduce(
    (least, { span }) => min(least, span.startTimeUnixNano),
    rows[0]?.span.startTimeUnixNano ?? 0n,
  );
  const end = rows.reduce((most, { span }) => max(most, span.endTimeUnixNano), start);
  const labels = rows.map(labelOf);
  const width = Math.max(...labels.map((label) => label.length));
  const roundTrips = stitchRoundTrips(spans);
  const lines = rows.flatMap(({ span, depth }, i) => {
    const offset = Number(span.startTimeUnixNano - start);
    const duration = Number(span.endTimeUnixNano - span.startTimeUnixNano);
    const times = `${micros(offset).padStart(10)} ${micros(duration).padStart(10)}`;
    const line = `${(labels[i] ?? '').padEnd(width)} ${times}  ${bar(offset, duration, Number(end - start), isHop(span))}`;
    const budget = describeBudget(span, roundTrips);
    return budget === undefined ? [line] : [line, `${'  '.repeat(depth + 1)}${budget}`];
  });
  const head = `trace ${spans[0]?.traceId ?? ''}`.padEnd(width);
  return [`${head} ${'start µs'.padStart(10)} ${'length µs'.padStart(10)}`, ...lines, ''].join('\n');
}

function toRows(spans: readonly CollectedSpan[]): Row[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentSpanId }) =>
    parentSpanId !== undefined && ids.has(parentSpanId) ? parentSpanId : '',
  );
  const walk = (parent: string, depth: number): Row[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => Number(latestStart(a) - latestStart(b)))
      .flatMap((span) => [{ span, depth }, ...walk(span.spanId, depth + 1)]);
  return walk('', 0);
}

/** The application cuts its starts to whole milliseconds: such a span may have begun up to one later. */
function latestStart(span: CollectedSpan): bigint {
  return span.startTimeUnixNano + (isHop(span) ? 0n : 999_999n);
}

function labelOf({ span, depth }: Row): string {
  const indent = '  '.repeat(depth);
  if (!isHop(span)) return `${indent}${span.service}: ${span.name} (${span.kind.toLowerCase()})`;
  const from = span.attributes['hopspan.from.interface'];
  const to = span.attributes['hopspan.to.interface'];
  const status = span.attributes['http.response.status_code'];
  const answer = status === undefined ? '' : `  response ${status}`;
  return `${indent}${span.name}  ${nodeOf(span)}  ${from} → ${to}${answer}`;
}

function isHop(span: CollectedSpan): boolean {
  return span.service === hopService;
}

function bar(offset: number, duration: number, total: number, hop: boolean): string {
  const scale = total > 0 ? BAR / total : 0;
  const from = Math.min(BAR - 1, Math.floor(offset * scale));
  const length = Math.min(BAR - from, Math.max(1, Math.round(duration * scale)));
  return `${' '.repeat(from)}${(hop ? '█' : '─').repeat(length)}`;
}

function micros(ns: number): string {
  return (ns / 1000).toFixed(1);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
