// SPDX-License-Identifier: Apache-2.0

import type { SpanContext } from '@opentelemetry/api';
import type { Timed } from './hop-times.ts';

/** One recorded value of a bucket, with the span that explains it. */
export interface Exemplar {
  readonly timed: Timed;
  readonly context: Pick<SpanContext, 'traceId' | 'spanId'>;
}

/** One label set's buckets, cumulative since the start. Not cumulative from bucket to bucket. */
export class HistogramSeries {
  readonly attributes: Readonly<Record<string, string>>;
  /** One more than there are bounds; the last is for what exceeds the highest. */
  readonly counts: number[];
  readonly exemplars: (Exemplar | undefined)[];
  /** In nanoseconds, so that adding stays exact. */
  sumNs = 0;
  minNs = Number.POSITIVE_INFINITY;
  maxNs = 0;
  count = 0;

  constructor(attributes: Readonly<Record<string, string>>, buckets: number) {
    this.attributes = attributes;
    this.counts = new Array<number>(buckets).fill(0);
    this.exemplars = new Array<Exemplar | undefined>(buckets).fill(undefined);
  }

  record(bucket: number, exemplar: Exemplar): void {
    const valueNs = exemplar.timed.durationNs;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.exemplars[bucket] = exemplar;
    this.sumNs += valueNs;
    this.count += 1;
    if (valueNs < this.minNs) this.minNs = valueNs;
    if (valueNs > this.maxNs) this.maxNs = valueNs;
  }
}

/** What a histogram is called. */
export interface HistogramName {
  readonly name: string;
  /** In one line. */
  readonly description: string;
}

/** What a renderer needs of a histogram. */
export interface HistogramData extends HistogramName {
  readonly boundaries: readonly number[];
  readonly series: readonly HistogramSeries[];
  /** When counting began: nanoseconds since 1970. */
  readonly startUnixNano: bigint;
}
