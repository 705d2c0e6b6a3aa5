// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import type { SpanContext } from '@opentelemetry/api';
import { DurationBuckets, type HistogramOptions } from './duration-buckets.ts';
import type { HistogramSeries } from './histogram-series.ts';
import type { OtlpMetricsRequest } from './otlp-metrics-json.ts';
import { METRIC_HOPSPAN_WIRE_ROUND_TRIP_DURATION } from './semconv.ts';
import type { ResourceLike } from './types.ts';

const NAME = {
  name: METRIC_HOPSPAN_WIRE_ROUND_TRIP_DURATION,
  description:
    'Time a request and its response spent between the NICs of two nodes, there and back together.',
};

/** One wire round trip, as a Stitcher makes it. */
export interface WireRoundTrip {
  readonly durationNs: number;
  /** When the span that tells of it ended, nanoseconds since 1970. */
  readonly unixNano: bigint;
  /** That span. */
  readonly context: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>;
}

/** The distribution of wire round trips, `hopspan.wire.round_trip.duration` in seconds, with exemplars, in one series. */
export class WireRoundTripHistogram {
  readonly #buckets: DurationBuckets;
  #series: HistogramSeries | undefined;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: HistogramOptions = {}) {
    this.#buckets = new DurationBuckets('WireRoundTripHistogram', NAME, options);
  }

  record({ durationNs, unixNano, context }: WireRoundTrip): void {
    this.#series ??= this.#buckets.addSeries({});
    const from = { monotonicNs: unixNano - BigInt(durationNs) };
    this.#buckets.record(this.#series, { durationNs, from, clockOffsetNs: 0n }, context);
  }

  /** The histogram as one family of OpenMetrics text; joinOpenMetrics makes families an exposition. */
  toOpenMetrics(): string {
    return this.#buckets.toOpenMetrics();
  }

  /** The histogram as the JSON of an OTLP ExportMetricsServiceRequest, for POST to /v1/metrics. */
  toOtlpJson(resource: ResourceLike): OtlpMetricsRequest {
    return this.#buckets.toOtlpJson(resource);
  }

  counters(): Counters {
    return { recorded: this.#buckets.recorded };
  }
}
