// SPDX-License-Identifier: Apache-2.0
import type { Endpoint, Hop, LostMessage } from '@hopspan/core';
import { hopSpanName, LOST_SPAN_NAME } from '@hopspan/exporter';
import { formatBudget } from './budget-line.ts';

const barWidth = 40;

/** What a waterfall has a line for. */
export type Passage = Hop | LostMessage;

/**
 * The hops and lost messages of one trace as text: grouped by the span that sent the message, each with its offset from the
 * first one, its duration in µs and a bar to scale, and below the last hop of a request where its time went. At
 * least one; all of one node, so their clocks agree.
 */
export function renderWaterfall(passages: readonly Passage[]): string {
  const sorted = passages.toSorted((a, b) => compare(a.from.monotonicNs, b.from.monotonicNs));
  const first = sorted[0];
  if (first === undefined) return '';
  const origin = first.from.monotonicNs;
  const spanNs = Math.max(
    ...sorted.map(({ from, durationNs }) => Number(from.monotonicNs - origin) + durationNs),
  );
  const nameWidth = Math.max(16, ...sorted.map((passage) => nameOf(passage).length));
  const rows = [...Map.groupBy(sorted, ({ context }) => context.spanId)].flatMap(([spanId, group]) => [
    `  ${spanId}  ${formatEnds(group[0] ?? first)}`,
    ...group.flatMap((passage) => [
      { passage, label: formatLabel(passage, nameWidth) },
      ...('budget' in passage && passage.budget ? [`      ${formatBudget(passage.budget)}`] : []),
    ]),
  ]);
  const labelWidth = Math.max(...rows.map((row) => (typeof row === 'string' ? 0 : row.label.length)));
  const lines = rows.map((row) =>
    typeof row === 'string' ? row : formatPassage(row.passage, row.label.padEnd(labelWidth), origin, spanNs),
  );
  const lost = passages.filter(isLost).length;
  const hops = passages.length - lost;
  const numbers = [`${hops} ${hops === 1 ? 'hop' : 'hops'}`, ...(lost > 0 ? [`${lost} lost`] : [])];
  const total = `${numbers.join(', ')}, ${formatMicros(spanNs)} µs`;
  return `trace ${first.context.traceId}  ${formatTime(first)}  ${total}\n${lines.join('\n')}\n`;
}

function isLost(passage: Passage): passage is LostMessage {
  return 'evidence' in passage;
}

function nameOf(passage: Passage): string {
  return isLost(passage) ? LOST_SPAN_NAME : hopSpanName(passage);
}

function formatPassage(passage: Passage, label: string, origin: bigint, spanNs: number): string {
  const offsetNs = Number(passage.from.monotonicNs - origin);
  const offset = `+${formatMicros(offsetNs)}`.padStart(10);
  return `    ${label} ${offset} ${formatMicros(passage.durationNs).padStart(9)} µs |${drawBar(offsetNs, passage.durationNs, spanNs)}|`;
}

function drawBar(offsetNs: number, durationNs: number, spanNs: number): string {
  const scale = spanNs > 0 ? barWidth / spanNs : 0;
  const start = Math.min(barWidth - 1, Math.floor(offsetNs * scale));
  const length = Math.min(barWidth - start, Math.max(1, Math.round(durationNs * scale)));
  return `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(barWidth);
}

function formatLabel(passage: Passage, nameWidth: number): string {
  const { from, kind, retransmission } = passage;
  const to = isLost(passage) ? undefined : passage.to;
  const statusCode = isLost(passage) ? undefined : passage.statusCode;
  const tunnel = from.tunnel ?? to?.tunnel;
  const notes = [
    tunnel && [tunnel.type, tunnel.id].filter((part) => part !== undefined).join(' '),
    kind === 'response' && `response${statusCode === undefined ? '' : ` ${statusCode}`}`,
    retransmission > 0 && `retransmission ${retransmission}`,
    isLost(passage) && formatCause(passage),
  ].filter(Boolean);
  const way = to === undefined ? `after ${from.point.ifname}` : `${from.point.ifname} → ${to.point.ifname}`;
  return [nameOf(passage).padEnd(nameWidth), way, ...notes].join('  ');
}

function formatCause({ drop, copies }: LostMessage): string {
  const cause = drop === undefined ? 'sent again' : `${drop.reason} at ${drop.ifname}`;
  return copies === 0 ? cause : `${cause}, ${copies} ${copies === 1 ? 'copy' : 'copies'} seen`;
}

function formatEnds({ from }: Passage): string {
  return `${formatEndpoint(from.source, from.networkType)} → ${formatEndpoint(from.destination, from.networkType)}`;
}

function formatEndpoint({ address, port }: Endpoint, networkType: string): string {
  return networkType === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function formatTime({ from, clockOffsetNs }: Passage): string {
  const ns = from.monotonicNs + clockOffsetNs;
  const date = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1);
  return `${date}${String((ns / 1000n) % 1000n).padStart(3, '0')}Z`;
}

function formatMicros(ns: number): string {
  return (ns / 1000).toFixed(1);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
