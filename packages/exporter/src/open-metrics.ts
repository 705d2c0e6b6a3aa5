// SPDX-License-Identifier: Apache-2.0

import type { Exemplar, HistogramData } from './histogram-series.ts';
import { hopTimes } from './hop-times.ts';

/** Content type of what joinOpenMetrics returns. */
export const OPEN_METRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** One value of a counter or gauge family. */
export interface OpenMetricsSample {
  readonly value: number;
  /** Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * One counter or gauge family as text; names follow OpenTelemetry and are translated (dots to underscores,
 * `_total` for counters).
 */
export function formatOpenMetricsFamily(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  samples: readonly OpenMetricsSample[],
): string {
  const family = metricName(name);
  const suffix = type === 'counter' ? '_total' : '';
  const lines = samples.map(
    ({ value, labels }) => `${family}${suffix}${labelSet(labels ?? {})} ${number(value)}`,
  );
  return [...header(family, type, help), ...lines, ''].join('\n');
}

/** Makes families one exposition, with the end mark that OpenMetrics demands. */
export function joinOpenMetrics(families: readonly string[]): string {
  return `${families.join('')}# EOF\n`;
}

/** The histogram family; empty when nothing was recorded. */
export function histogramToOpenMetrics(data: HistogramData): string {
  const family = `${metricName(data.name)}_seconds`;
  if (data.series.length === 0) return '';
  const lines = header(family, 'histogram', data.description, 'seconds');
  for (const series of data.series) {
    let cumulative = 0;
    series.counts.forEach((count, i) => {
      cumulative += count;
      const labels = labelSet({
        ...series.attributes,
        le: number(data.boundaries[i] ?? Number.POSITIVE_INFINITY),
      });
      lines.push(`${family}_bucket${labels} ${cumulative}${exemplarText(series.exemplars[i])}`);
    });
    const labels = labelSet(series.attributes);
    lines.push(
      `${family}_count${labels} ${series.count}`,
      `${family}_sum${labels} ${number(series.sumNs / 1e9)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function header(family: string, type: string, help: string, unit?: string): string[] {
  const unitLine = unit === undefined ? [] : [`# UNIT ${family} ${unit}`];
  return [`# TYPE ${family} ${type}`, ...unitLine, `# HELP ${family} ${escapeText(help)}`];
}

function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return '';
  const { traceId, spanId } = exemplar.context;
  const labels = labelSet({ trace_id: traceId, span_id: spanId });
  const [seconds, nanos] = hopTimes(exemplar.timed).end;
  const millis = String(Math.floor(nanos / 1e6)).padStart(3, '0');
  return ` # ${labels} ${number(exemplar.timed.durationNs / 1e9)} ${seconds}.${millis}`;
}

function labelSet(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${metricName(name)}="${escapeText(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function metricName(name: string): string {
  return name.replace(/[^A-Za-z0-9_:]/g, '_');
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** The canonical text of OpenMetrics: 1.0, 0.0001, 1e-05, +Inf. */
function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}
