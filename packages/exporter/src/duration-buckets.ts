// SPDX-License-Identifier: Apache-2.0
import { invalidOption } from '@hopspan/core';
import {
  type Attributes,
  type Histogram,
  type Meter,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { type HistogramData, type HistogramName, HistogramSeries } from './histogram-series.ts';
import type { Timed } from './hop-times.ts';
import { histogramToOpenMetrics } from './open-metrics.ts';
import { histogramToOtlpJson, type OtlpMetricsRequest } from './otlp-metrics-json.ts';
import type { ResourceLike } from './types.ts';

const NS_PER_S = 1_000_000_000;

/** Upper bounds in seconds, both ends of 1 µs to 1 s included. */
const DEFAULT_BOUNDS_S: readonly number[] = [
  1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
];

/** Options of every histogram of this package. */
export interface HistogramOptions {
  /** Upper bounds of the buckets in seconds, rising. Default: 1, 2, 5, 10 … µs up to 1 s. */
  boundaries?: readonly number[];
  /** Also records every duration to a histogram of this meter. Default: none. */
  meter?: Meter;
}

/** The defaults of HistogramOptions. */
export function getHistogramDefaults(): { boundaries: readonly number[] } {
  return { boundaries: DEFAULT_BOUNDS_S };
}

/** Durations by label set: counts for each bucket, and the latest of each as its exemplar. */
export class DurationBuckets {
  readonly #name: HistogramName;
  readonly #boundaries: readonly number[];
  readonly #boundariesNs: readonly number[];
  readonly #series: HistogramSeries[] = [];
  readonly #instrument: Histogram | undefined;
  readonly #startUnixNano = BigInt(Date.now()) * 1_000_000n;
  #recorded = 0;

  /**
   * @param owner subject of the error
   * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
   */
  constructor(owner: string, name: HistogramName, options: HistogramOptions) {
    this.#name = name;
    this.#boundaries = checkBoundaries(owner, options.boundaries ?? getHistogramDefaults().boundaries);
    this.#boundariesNs = this.#boundaries.map((seconds) => Math.round(seconds * NS_PER_S));
    this.#instrument = options.meter?.createHistogram(name.name, {
      description: name.description,
      unit: 's',
      advice: { explicitBucketBoundaries: [...this.#boundaries] },
    });
  }

  get recorded(): number {
    return this.#recorded;
  }

  addSeries(attributes: Readonly<Record<string, string>>): HistogramSeries {
    const series = new HistogramSeries(attributes, this.#boundaries.length + 1);
    this.#series.push(series);
    return series;
  }

  /** @param context the span the exemplar points at */
  record(
    series: HistogramSeries,
    timed: Timed,
    context: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>,
  ): void {
    series.record(this.#bucketOf(timed.durationNs), { timed, context });
    this.#recorded += 1;
    if (this.#instrument === undefined) return;
    const active = trace.setSpanContext(ROOT_CONTEXT, context);
    this.#instrument.record(timed.durationNs / NS_PER_S, series.attributes as Attributes, active);
  }

  toOpenMetrics(): string {
    return histogramToOpenMetrics(this.#data());
  }

  toOtlpJson(resource: ResourceLike): OtlpMetricsRequest {
    return histogramToOtlpJson(this.#data(), resource);
  }

  #data(): HistogramData {
    return {
      ...this.#name,
      boundaries: this.#boundaries,
      series: this.#series,
      startUnixNano: this.#startUnixNano,
    };
  }

  /** A bucket holds what is at most its bound. */
  #bucketOf(valueNs: number): number {
    const bounds = this.#boundariesNs;
    let index = 0;
    while (index < bounds.length && valueNs > (bounds[index] as number)) index += 1;
    return index;
  }
}

function checkBoundaries(owner: string, boundaries: readonly number[]): readonly number[] {
  const rising = boundaries.every((b, i) => Number.isFinite(b) && b > (boundaries[i - 1] ?? 0));
  if (boundaries.length > 0 && rising) return boundaries;
  throw invalidOption(
    owner,
    'boundaries',
    boundaries.join(', '),
    'a list of rising numbers of seconds above 0',
  );
}
