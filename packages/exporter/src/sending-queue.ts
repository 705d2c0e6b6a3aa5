// SPDX-License-Identifier: Apache-2.0
import { BoundedQueue, type BurstLog, createBurstLog, isSampled, withDeadline } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { EXPORT_SUCCESS, exportOnce } from './export-once.ts';
import {
  resolveSendingQueueOptions,
  type SendingQueueCounters,
  type SendingQueueOptions,
} from './sending-queue-options.ts';
import { createSendingTally, type DropReason, dropReason } from './sending-tally.ts';
import type { ReadableSpanLike, SpanExporterLike, SpanProcessorLike } from './types.ts';

/** How long the exporter may take to close once sending is over. */
const CLOSE_MILLIS = 1000;

/**
 * A SpanProcessor that batches spans in a bounded queue and knows what became of every one of them. The SDK's
 * BatchSpanProcessor does the same work but drops without a counter one can read, loses a failed batch
 * silently, and its default queue is too small for spans that arrive in bursts, as hops do. Exports one batch
 * at a time, so an exporter that waits for its endpoint holds the queue back, not the caller.
 */
export class SendingQueue implements SpanProcessorLike {
  readonly #exporter: SpanExporterLike;
  readonly #options: Required<SendingQueueOptions>;
  readonly #queue: BoundedQueue<ReadableSpanLike>;
  readonly #tally = createSendingTally();
  readonly #log: BurstLog = createBurstLog((message, ...details) => diag.warn(message, ...details));
  #inFlight = 0;
  /** Spans at the front of the queue that go out without waiting for a full batch. */
  #due = 0;
  /** Spans taken into the queue, and those of them that have left it for good. */
  #accepted = 0;
  #settled = 0;
  #timer: NodeJS.Timeout | undefined;
  #batch: Promise<void> | undefined;
  #shutdown: Promise<void> | undefined;

  /**
   * @param exporter shut down together with the queue
   * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
   */
  constructor(exporter: SpanExporterLike, options: SendingQueueOptions = {}) {
    this.#exporter = exporter;
    this.#options = resolveSendingQueueOptions(options);
    this.#queue = new BoundedQueue(this.#options.queueSize);
  }

  onStart(): void {
    // Spans are taken when they end.
  }

  onEnd(span: ReadableSpanLike): void {
    if (!isSampled(span.spanContext().traceFlags)) {
      this.#tally.unsampled += 1;
      return;
    }
    this.#tally.enqueued += 1;
    if (this.#shutdown !== undefined) this.#drop('dropped_shutdown', 1);
    else if (!this.#queue.push(span)) this.#drop('dropped_queue_full', 1);
    else {
      this.#accepted += 1;
      this.#advance();
    }
  }

  /** Sends what is queued now, retries included. Resolves when it is settled, or its time is up. */
  async forceFlush(): Promise<void> {
    if (this.#shutdown !== undefined) return this.#shutdown;
    await withDeadline(() => this.#flush(), this.#options.forceFlushTimeoutMillis);
  }

  /** Sends what can still be sent in time, counts the rest as dropped, and shuts the exporter down. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop();
    return this.#shutdown;
  }

  counters(): SendingQueueCounters {
    return { ...this.#tally, queued: this.#queue.length, in_flight: this.#inFlight };
  }

  async #stop(): Promise<void> {
    await withDeadline(() => this.#flush(), this.#options.shutdownTimeoutMillis);
    clearTimeout(this.#timer);
    this.#drop('dropped_shutdown', this.#queue.take(this.#queue.length).length);
    const closed = async () => {
      await this.#exporter.shutdown();
      await this.#batch;
    };
    const result = await withDeadline(closed, CLOSE_MILLIS);
    if (result.status === 'failed')
      diag.error('hopspan sending queue: shutdown of the exporter failed', result.error);
    // Whether these arrived will never be known.
    this.#drop('dropped_shutdown', this.#inFlight);
    this.#inFlight = 0;
  }

  async #flush(): Promise<void> {
    const target = this.#accepted;
    this.#due = this.#queue.length;
    this.#advance();
    // A batch that waits for a retry goes first: it is what stands in the way.
    void Promise.resolve(this.#exporter.forceFlush?.()).catch((error: unknown) =>
      this.#log('hopspan sending queue: forceFlush of the exporter failed', error),
    );
    while (this.#settled < target && this.#batch !== undefined) await this.#batch;
  }

  /** Sends the next batch when one is due and none is under way; else sees to it that it will be. */
  #advance(): void {
    if (this.#batch !== undefined || this.#queue.length === 0) return;
    if (this.#due > 0 || this.#queue.length >= this.#options.batchSize) {
      this.#batch = this.#send();
    } else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#onTimer(), this.#options.flushTimeoutMillis);
    }
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#due = this.#queue.length;
    this.#advance();
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const spans = this.#queue.take(this.#options.batchSize);
    this.#due = Math.max(0, this.#due - spans.length);
    this.#inFlight = spans.length;
    this.#tally.batches += 1;
    const { code, error } = await exportOnce(this.#exporter, spans);
    // Zero when shutdown has counted them already.
    const settled = this.#inFlight;
    this.#inFlight = 0;
    this.#settled += spans.length;
    if (code === EXPORT_SUCCESS) this.#tally.sent += settled;
    else this.#drop(dropReason(error), settled, error);
    this.#batch = undefined;
    this.#advance();
  }

  #drop(reason: DropReason, spans: number, error?: Error): void {
    if (spans === 0) return;
    this.#tally[reason] += spans;
    this.#log(
      `hopspan sending queue: ${spans} spans lost (${reason})${error === undefined ? '' : `: ${error.message}`}`,
    );
  }
}
