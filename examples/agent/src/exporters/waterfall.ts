// SPDX-License-Identifier: Apache-2.0
import type { Endpoint, Hop } from '@hopspan/core';
import { hopSpanName } from '@hopspan/exporter';
import { formatBudget } from './budget-line.ts';

const barWidth = 40;

/**
 * The hops of one trace as text: grouped by the span that sent the message, each with its offset from the
 * first one, its duration in µs and a bar to scale, and below the last hop of a request where its time went. At
 * least one hop; all of one node, so their clocks agree.
 */
export function renderWaterfall(hops: readonly Hop[]): string {
  const sorted = hops.toSorted((a, b) => compare(a.from.monotonicNs, b.from.monotonicNs));
  const first = sorted[0];
  if (first === undefined) return '';
  const origin = first.from.monotonicNs;
  const spanNs = Math.max(...sorted.map(({ to }) => Number(to.monotonicNs - origin)));
  const nameWidth = Math.max(16, ...sorted.map((hop) => hopSpanName(hop).length));
  const rows = [...Map.groupBy(sorted, ({ context }) => context.spanId)].flatMap(([spanId, group]) => [
    `  ${spanId}  ${formatEnds(group[0] ?? first)}`,
    ...group.flatMap((hop) => [
      { hop, label: formatLabel(hop, nameWidth) },
      ...(hop.budget ? [`      ${formatBudget(hop.budget)}`] : []),
    ]),
  ]);
  const labelWidth = Math.max(...rows.map((row) => (typeof row === 'string' ? 0 : row.label.length)));
  const lines = rows.map((row) =>
    typeof row === 'string' ? row : formatHop(row.hop, row.label.padEnd(labelWidth), origin, spanNs),
  );
  const total = `${hops.length} ${hops.length === 1 ? 'hop' : 'hops'}, ${formatMicros(spanNs)} µs`;
  return `trace ${first.context.traceId}  ${formatTime(first)}  ${total}\n${lines.join('\n')}\n`;
}

function formatHop(hop: Hop, label: string, origin: bigint, spanNs: number): string {
  const offsetNs = Number(hop.from.monotonicNs - origin);
  const offset = `+${formatMicros(offsetNs)}`.padStart(10);
  return `    ${label} ${offset} ${formatMicros(hop.durationNs).padStart(9)} µs |${drawBar(offsetNs, hop.durationNs, spanNs)}|`;
}

function drawBar(offsetNs: number, durationNs: number, spanNs: number): string {
  const scale = spanNs > 0 ? barWidth / spanNs : 0;
  const start = Math.min(barWidth - 1, Math.floor(offsetNs * scale));
  const length = Math.min(barWidth - start, Math.max(1, Math.round(durationNs * scale)));
  return `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(barWidth);
}

function formatLabel(hop: Hop, nameWidth: number): string {
  const { from, to, kind, statusCode, retransmission } = hop;
  const tunnel = from.tunnel ?? to.tunnel;
  const notes = [
    tunnel && [tunnel.type, tunnel.id].filter((part) => part !== undefined).join(' '),
    kind === 'response' && `response${statusCode === undefined ? '' : ` ${statusCode}`}`,
    retransmission > 0 && `retransmission ${retransmission}`,
  ].filter(Boolean);
  return [hopSpanName(hop).padEnd(nameWidth), `${from.point.ifname} → ${to.point.ifname}`, ...notes].join(
    '  ',
  );
}

function formatEnds({ from }: Hop): string {
  return `${formatEndpoint(from.source, from.networkType)} → ${formatEndpoint(from.destination, from.networkType)}`;
}

function formatEndpoint({ address, port }: Endpoint, networkType: string): string {
  return networkType === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function formatTime({ from, clockOffsetNs }: Hop): string {
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
