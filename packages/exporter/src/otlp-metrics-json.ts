// SPDX-License-Identifier: Apache-2.0
import type { AttributeValue } from '@opentelemetry/api';
import type { Exemplar, HistogramData, HistogramSeries } from './histogram-series.ts';
import { hopTimes } from './hop-times.ts';
import { HOPSPAN_SCOPE } from './scope.ts';
import type { ResourceLike } from './types.ts';

/** ExportMetricsServiceRequest of OTLP 1.x in its JSON encoding: 64-bit integers as strings, ids as hex. */
export interface OtlpMetricsRequest {
  readonly resourceMetrics: readonly object[];
}

const AGGREGATION_TEMPORALITY_CUMULATIVE = 2;

/** The histogram as one request with one metric. */
export function histogramToOtlpJson(data: HistogramData, resource: ResourceLike): OtlpMetricsRequest {
  const timeUnixNano = String(BigInt(Date.now()) * 1_000_000n);
  const metric = {
    name: data.name,
    description: data.description,
    unit: 's',
    histogram: {
      aggregationTemporality: AGGREGATION_TEMPORALITY_CUMULATIVE,
      dataPoints: data.series.map((series) => dataPoint(series, data, timeUnixNano)),
    },
  };
  const { name, version, schemaUrl } = HOPSPAN_SCOPE;
  const scopeMetrics = [{ scope: { name, version }, schemaUrl, metrics: [metric] }];
  const attributes = keyValues(resource.attributes);
  return { resourceMetrics: [{ resource: { attributes }, schemaUrl: resource.schemaUrl, scopeMetrics }] };
}

function dataPoint(series: HistogramSeries, data: HistogramData, timeUnixNano: string): object {
  return {
    attributes: keyValues(series.attributes),
    startTimeUnixNano: String(data.startUnixNano),
    timeUnixNano,
    count: String(series.count),
    sum: series.sumNs / 1e9,
    min: series.minNs / 1e9,
    max: series.maxNs / 1e9,
    bucketCounts: series.counts.map(String),
    explicitBounds: data.boundaries,
    exemplars: series.exemplars.filter((e) => e !== undefined).map(exemplarJson),
  };
}

function exemplarJson({ timed, context }: Exemplar): object {
  const [seconds, nanos] = hopTimes(timed).end;
  const timeUnixNano = String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
  return { timeUnixNano, asDouble: timed.durationNs / 1e9, traceId: context.traceId, spanId: context.spanId };
}

function keyValues(attributes: Readonly<Record<string, AttributeValue | undefined>>): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: AttributeValue | null | undefined): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return {};
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
