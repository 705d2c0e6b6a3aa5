// SPDX-License-Identifier: Apache-2.0
import { type Counters, type Hop, type HopConsumer, invalidOption } from '@hopspan/core';
import {
  type Attributes,
  type Histogram,
  type Meter,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { type HistogramData, HistogramSeries } from './histogram-series.ts';
import { HOP_DURATION_DESCRIPTION, HOP_DURATION_METRIC } from './hop-duration-metric.ts';
import { histogramToOpenMetrics } from './open-metrics.ts';
import { histogramToOtlpJson, type OtlpMetricsRequest } from './otlp-metrics-json.ts';
import * as semconv from './semconv.ts';
import type { ResourceLike } from './types.ts';

const NS_PER_S = 1_000_000_000;

/** Upper bounds in seconds, both ends of 1 µs to 1 s included. */
const DEFAULT_BOUNDS_S: readonly number[] = [
  1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
];

/** Options of HopDurationHistogram. */
export interface HopDurationHistogramOptions {
  /** Upper bounds of the buckets in seconds, rising. Default: 1, 2, 5, 10 … µs up to 1 s. */
  boundaries?: readonly number[];
  /** Also records every duration to a histogram of this meter. Default: none. */
  meter?: Meter;
}

/** The defaults of HopDurationHistogram. */
export function getHistogramDefaults(): { boundaries: readonly number[] } {
  return { boundaries: DEFAULT_BOUNDS_S };
}

/**
 * The distribution of hop durations, `hopspan.hop.duration` in seconds, by direction, kind and device roles, with the
 * latest hop of each bucket as its exemplar. As a consumer of its own it counts unsampled hops too, and its
 * exemplars name the span that sent the packet; as `histogram` of a HopSpanExporter they name the hop's own span.
 */
export class HopDurationHistogram implements HopConsumer {
  readonly #boundaries: readonly number[];
  readonly #boundariesNs: readonly number[];
  /** By direction and roles. */
  readonly #series = {
    request: new Map<string, HistogramSeries>(),
    response: new Map<string, HistogramSeries>(),
  };
  readonly #instrument: Histogram | undefined;
  readonly #startUnixNano = BigInt(Date.now()) * 1_000_000n;
  #recorded = 0;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: HopDurationHistogramOptions = {}) {
    this.#boundaries = checkBoundaries(options.boundaries ?? getHistogramDefaults().boundaries);
    this.#boundariesNs = this.#boundaries.map((seconds) => Math.round(seconds * NS_PER_S));
    this.#instrument = options.meter?.createHistogram(HOP_DURATION_METRIC, {
      description: HOP_DURATION_DESCRIPTION,
      unit: 's',
      advice: { explicitBucketBoundaries: [...this.#boundaries] },
    });
  }

  onHops(hops: readonly Hop[]): void {
    for (const hop of hops) this.record(hop, hop.context);
  }

  /** Records one hop. `context` is the span its exemplar points at. */
  record(hop: Hop, context: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>): void {
    const series = this.#seriesOf(hop);
    series.record(hop.durationNs, this.#bucketOf(hop.durationNs), { hop, context });
    this.#recorded += 1;
    if (this.#instrument === undefined) return;
    const active = trace.setSpanContext(ROOT_CONTEXT, context);
    this.#instrument.record(hop.durationNs / NS_PER_S, series.attributes as Attributes, active);
  }

  /** The histogram as one family of OpenMetrics text; joinOpenMetrics makes families an exposition. */
  toOpenMetrics(): string {
    return histogramToOpenMetrics(this.#data());
  }

  /** The histogram as the JSON of an OTLP ExportMetricsServiceRequest, for POST to /v1/metrics. */
  toOtlpJson(resource: ResourceLike): OtlpMetricsRequest {
    return histogramToOtlpJson(this.#data(), resource);
  }

  /** Nothing is held back. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing is owned; the counts stay readable. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  counters(): Counters {
    return { recorded: this.#recorded };
  }

  #data(): HistogramData {
    return {
      boundaries: this.#boundaries,
      series: [...this.#series.request.values(), ...this.#series.response.values()],
      startUnixNano: this.#startUnixNano,
    };
  }

  #seriesOf(hop: Hop): HistogramSeries {
    const { direction, kind, from, to } = hop;
    const key = `${direction} ${from.point.role} ${to.point.role}`;
    let series = this.#series[kind].get(key);
    if (series === undefined) {
      const attributes = {
        [semconv.ATTR_HOPSPAN_DIRECTION]: direction,
        [semconv.ATTR_HOPSPAN_KIND]: kind,
        [semconv.ATTR_HOPSPAN_FROM_ROLE]: from.point.role,
        [semconv.ATTR_HOPSPAN_TO_ROLE]: to.point.role,
      };
      series = new HistogramSeries(attributes, this.#boundaries.length + 1);
      this.#series[kind].set(key, series);
    }
    return series;
  }

  /** A bucket holds what is at most its bound. */
  #bucketOf(valueNs: number): number {
    const bounds = this.#boundariesNs;
    let index = 0;
    while (index < bounds.length && valueNs > (bounds[index] as number)) index += 1;
    return index;
  }
}

function checkBoundaries(boundaries: readonly number[]): readonly number[] {
  const rising = boundaries.every((b, i) => Number.isFinite(b) && b > (boundaries[i - 1] ?? 0));
  if (boundaries.length > 0 && rising) return boundaries;
  throw invalidOption(
    'HopDurationHistogram',
    'boundaries',
    boundaries.join(', '),
    'a list of rising numbers of seconds above 0',
  );
}
