// SPDX-License-Identifier: Apache-2.0
import {
  type Counters,
  type Hop,
  type HopConsumer,
  invalidOption,
  isSampled,
  type LostMessage,
} from '@hopspan/core';
import type { HopDurationHistogram } from './hop-duration-histogram.ts';
import { HopSpan } from './hop-span.ts';
import { LostSpan } from './lost-span.ts';
import { getDefaultResource, HOPSPAN_SCOPE } from './scope.ts';
import { SendingQueue } from './sending-queue.ts';
import type { SendingQueueOptions } from './sending-queue-options.ts';
import type { ResourceLike, ScopeLike, SpanExporterLike, SpanProcessorLike } from './types.ts';

/** Options of HopSpanExporter: one of `spanProcessor` and `spanExporter` is required. */
export interface HopSpanExporterOptions {
  /** Gets every hop span: a SendingQueue, or any SpanProcessor of either SDK line. Its onStart is not called. */
  spanProcessor?: SpanProcessorLike;
  /** Gets hop spans in batches through a SendingQueue of its own. */
  spanExporter?: SpanExporterLike;
  /** Options of that queue; only with `spanExporter`. Default: getSendingQueueDefaults(). */
  sendingQueue?: SendingQueueOptions;
  /** The resource of every hop span. Default: getDefaultResource(). */
  resource?: ResourceLike;
  /** The instrumentation scope of every hop span. Default: HOPSPAN_SCOPE. */
  scope?: ScopeLike;
  /** Records every hop that became a span, so that its exemplars point at hop spans. Default: none. */
  histogram?: HopDurationHistogram;
}

/** Counters of HopSpanExporter; those of the queue and the exporter beneath are added where they have any. */
export interface HopSpanExporterCounters extends Counters {
  /** Hops handed over. hops = spans + unsampled + failed */
  readonly hops: number;
  /** Hop spans handed to the span processor. */
  readonly spans: number;
  /** Hops whose packet did not carry the sampled flag: they make no span, as their parent made none. */
  readonly unsampled_hops: number;
  /** Hops whose span the processor refused by throwing. */
  readonly failed: number;
  /** Lost messages handed over. lost = lost_spans + lost_unsampled + lost_failed */
  readonly lost: number;
  readonly lost_spans: number;
  readonly lost_unsampled: number;
  readonly lost_failed: number;
}

/** The hot path from hops to spans: builds each span directly and hands it to a span processor. */
export class HopSpanExporter implements HopConsumer {
  readonly #processor: SpanProcessorLike;
  readonly #sources: readonly unknown[];
  readonly #resource: ResourceLike;
  readonly #scope: ScopeLike;
  readonly #histogram: HopDurationHistogram | undefined;
  #hops = 0;
  #spans = 0;
  #unsampled = 0;
  #failed = 0;
  readonly #lost = { lost: 0, lost_spans: 0, lost_unsampled: 0, lost_failed: 0 };

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: HopSpanExporterOptions) {
    const { spanProcessor, spanExporter } = options;
    if ((spanProcessor === undefined) === (spanExporter === undefined)) {
      const got = spanProcessor === undefined ? 'missing' : 'there beside spanExporter';
      throw invalidOption('HopSpanExporter', 'spanProcessor', got, 'given, or spanExporter instead of it');
    }
    this.#processor =
      spanProcessor ?? new SendingQueue(spanExporter as SpanExporterLike, options.sendingQueue);
    this.#sources = [spanExporter, this.#processor];
    this.#resource = options.resource ?? getDefaultResource();
    this.#scope = options.scope ?? HOPSPAN_SCOPE;
    this.#histogram = options.histogram;
  }

  onHops(hops: readonly Hop[]): void {
    this.#hops += hops.length;
    for (const hop of hops) {
      if (isSampled(hop.context.traceFlags)) this.#export(hop);
      else this.#unsampled += 1;
    }
  }

  onLost(lost: readonly LostMessage[]): void {
    this.#lost.lost += lost.length;
    for (const message of lost) {
      if (isSampled(message.context.traceFlags)) this.#exportLost(message);
      else this.#lost.lost_unsampled += 1;
    }
  }

  /** Flushes the span processor. */
  forceFlush(): Promise<void> {
    return this.#processor.forceFlush();
  }

  /** Shuts the span processor down, and with it its exporter. */
  shutdown(): Promise<void> {
    return this.#processor.shutdown();
  }

  counters(): HopSpanExporterCounters {
    const own = {
      hops: this.#hops,
      spans: this.#spans,
      unsampled_hops: this.#unsampled,
      failed: this.#failed,
      ...this.#lost,
    };
    return Object.assign({}, ...this.#sources.map(countersOf), own) as HopSpanExporterCounters;
  }

  #export(hop: Hop): void {
    const span = new HopSpan(hop, this.#resource, this.#scope);
    try {
      this.#processor.onEnd(span);
      this.#spans += 1;
    } catch {
      this.#failed += 1;
    }
    this.#histogram?.record(hop, span.spanContext());
  }

  #exportLost(message: LostMessage): void {
    try {
      this.#processor.onEnd(new LostSpan(message, this.#resource, this.#scope));
      this.#lost.lost_spans += 1;
    } catch {
      this.#lost.lost_failed += 1;
    }
  }
}

function countersOf(source: unknown): Counters {
  const counters = (source as { counters?: unknown } | undefined)?.counters;
  return typeof counters === 'function' ? (counters.call(source) as Counters) : {};
}
