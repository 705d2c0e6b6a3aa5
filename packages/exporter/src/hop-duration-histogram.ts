// SPDX-License-Identifier: Apache-2.0
import type { Counters, Hop, HopConsumer } from '@hopspan/core';
import type { SpanContext } from '@opentelemetry/api';
import { DurationBuckets, type HistogramOptions } from './duration-buckets.ts';
import type { HistogramSeries } from './histogram-series.ts';
import type { OtlpMetricsRequest } from './otlp-metrics-json.ts';
import * as semconv from './semconv.ts';
import type { ResourceLike } from './types.ts';

const NAME = {
  name: semconv.METRIC_HOPSPAN_HOP_DURATION,
  description: 'Time a message took between two successive tracing points of a node.',
};

/** Options of HopDurationHistogram. */
export type HopDurationHistogramOptions = HistogramOptions;

/**
 * The distribution of hop durations, `hopspan.hop.duration` in seconds, by direction, kind and device roles, with the
 * latest hop of each bucket as its exemplar. As a consumer of its own it counts unsampled hops too, and its
 * exemplars name the span that sent the packet; as `histogram` of a HopSpanExporter they name the hop's own span.
 */
export class HopDurationHistogram implements HopConsumer {
  readonly #buckets: DurationBuckets;
  /** By direction and roles. */
  readonly #series = {
    request: new Map<string, HistogramSeries>(),
    response: new Map<string, HistogramSeries>(),
  };

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: HopDurationHistogramOptions = {}) {
    this.#buckets = new DurationBuckets('HopDurationHistogram', NAME, options);
  }

  onHops(hops: readonly Hop[]): void {
    for (const hop of hops) this.record(hop, hop.context);
  }

  /** Records one hop. `context` is the span its exemplar points at. */
  record(hop: Hop, context: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>): void {
    this.#buckets.record(this.#seriesOf(hop), hop, context);
  }

  /** The histogram as one family of OpenMetrics text; joinOpenMetrics makes families an exposition. */
  toOpenMetrics(): string {
    return this.#buckets.toOpenMetrics();
  }

  /** The histogram as the JSON of an OTLP ExportMetricsServiceRequest, for POST to /v1/metrics. */
  toOtlpJson(resource: ResourceLike): OtlpMetricsRequest {
    return this.#buckets.toOtlpJson(resource);
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
    return { recorded: this.#buckets.recorded };
  }

  #seriesOf(hop: Hop): HistogramSeries {
    const { direction, kind, from, to } = hop;
    const key = `${direction} ${from.point.role} ${to.point.role}`;
    let series = this.#series[kind].get(key);
    if (series === undefined) {
      series = this.#buckets.addSeries({
        [semconv.ATTR_HOPSPAN_DIRECTION]: direction,
        [semconv.ATTR_HOPSPAN_KIND]: kind,
        [semconv.ATTR_HOPSPAN_FROM_ROLE]: from.point.role,
        [semconv.ATTR_HOPSPAN_TO_ROLE]: to.point.role,
      });
      this.#series[kind].set(key, series);
    }
    return series;
  }
}
