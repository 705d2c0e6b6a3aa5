// SPDX-License-Identifier: Apache-2.0
import { type BurstLog, type Counters, createBurstLog } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { Backoff } from './backoff.ts';
import { HopExporterError } from './errors.ts';
import { EXPORT_FAILED, EXPORT_SUCCESS, exportOnce } from './export-once.ts';
import { type RetryOnFailureOptions, resolveRetryOptions } from './retry-options.ts';
import { judgeExportError } from './retryable.ts';
import type { ExportResultLike, ReadableSpanLike, SpanExporterLike } from './types.ts';
import { WakeableSleep } from './wakeable-sleep.ts';

/** Options of RetryingSpanExporter. */
export interface RetryingSpanExporterOptions {
  /** Default: getRetryDefaults(). */
  retryOnFailure?: RetryOnFailureOptions;
}

/** Counters of RetryingSpanExporter. */
export interface RetryCounters extends Counters {
  /** Exports that were tried again. */
  readonly retries: number;
  /** Spans given up because their time for retries was over. */
  readonly retry_expired: number;
  /** Spans that failed in a way that may not be retried. */
  readonly rejected: number;
  /** Spans given up because of a shutdown. */
  readonly shut_down: number;
}

/**
 * Retries failed exports as the Collector does: the errors the OTLP specification allows, exponential back-off with
 * jitter, or the delay the server asks for, until the time for it is over. The OTLP/gRPC exporter of the
 * JavaScript SDK does not retry at all. A retry can duplicate spans when an answer was lost on its way.
 */
export class RetryingSpanExporter implements SpanExporterLike {
  readonly #exporter: SpanExporterLike;
  readonly #options: Required<RetryOnFailureOptions>;
  readonly #sleep = new WakeableSleep();
  readonly #backoffs = new Set<Backoff>();
  readonly #log: BurstLog = createBurstLog((message) => diag.warn(message));
  #shutdown: Promise<void> | undefined;
  #retries = 0;
  #retryExpired = 0;
  #rejected = 0;
  #shutDown = 0;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(exporter: SpanExporterLike, options: RetryingSpanExporterOptions = {}) {
    this.#exporter = exporter;
    this.#options = resolveRetryOptions(options.retryOnFailure);
  }

  export(spans: ReadableSpanLike[], resultCallback: (result: ExportResultLike) => void): void {
    void this.#export(spans).then(resultCallback);
  }

  /** Tries what waits for a retry at once, and begins the back-off anew. */
  async forceFlush(): Promise<void> {
    for (const backoff of this.#backoffs) backoff.reset();
    this.#sleep.wakeAll();
    await this.#exporter.forceFlush?.();
  }

  /** Gives up what waits for a retry, lets attempts under way end, and shuts the exporter down. */
  shutdown(): Promise<void> {
    if (this.#shutdown === undefined) {
      this.#shutdown = this.#exporter.shutdown();
      this.#sleep.wakeAll();
    }
    return this.#shutdown;
  }

  counters(): RetryCounters {
    return {
      retries: this.#retries,
      retry_expired: this.#retryExpired,
      rejected: this.#rejected,
      shut_down: this.#shutDown,
    };
  }

  async #export(spans: ReadableSpanLike[]): Promise<ExportResultLike> {
    const backoff = new Backoff(this.#options);
    this.#backoffs.add(backoff);
    try {
      return await this.#attempts(spans, backoff);
    } finally {
      this.#backoffs.delete(backoff);
    }
  }

  async #attempts(spans: ReadableSpanLike[], backoff: Backoff): Promise<ExportResultLike> {
    const startMillis = performance.now();
    let lastError: Error | undefined;
    while (this.#shutdown === undefined) {
      const result = await exportOnce(this.#exporter, spans);
      if (result.code === EXPORT_SUCCESS) return result;
      lastError = result.error;
      const { retryable, delayMillis } = judgeExportError(lastError);
      if (!retryable || !this.#options.enabled) return this.#reject(spans, lastError);
      const waitMillis = delayMillis ?? backoff.next();
      const elapsedMillis = performance.now() - startMillis;
      if (elapsedMillis + waitMillis > this.#options.maxElapsedTimeMillis)
        return this.#expire(spans, lastError);
      if (this.#shutdown !== undefined) break;
      this.#log(`hopspan exporter: export failed and is retried: ${lastError?.message}`);
      await this.#sleep.sleep(waitMillis);
      if (this.#shutdown === undefined) this.#retries += 1;
    }
    this.#shutDown += spans.length;
    return failure(
      'HOPSPAN_ERR_EXPORT_SHUTDOWN',
      spans,
      'the exporter was shut down before they could be sent',
      lastError,
    );
  }

  #reject(spans: ReadableSpanLike[], cause: Error | undefined): ExportResultLike {
    this.#rejected += spans.length;
    return failure('HOPSPAN_ERR_EXPORT_REJECTED', spans, 'they failed in a way that is not retried', cause);
  }

  #expire(spans: ReadableSpanLike[], cause: Error | undefined): ExportResultLike {
    this.#retryExpired += spans.length;
    const limit = `maxElapsedTimeMillis ${this.#options.maxElapsedTimeMillis}`;
    return failure('HOPSPAN_ERR_EXPORT_RETRY_EXPIRED', spans, `they still failed after ${limit}`, cause);
  }
}

function failure(
  code: ConstructorParameters<typeof HopExporterError>[0],
  spans: ReadableSpanLike[],
  why: string,
  cause: Error | undefined,
): ExportResultLike {
  const detail = cause === undefined ? '' : ` (${cause.message})`;
  const message = `export of ${spans.length} spans: ${why}${detail}. Check that the endpoint is up and takes traces.`;
  return { code: EXPORT_FAILED, error: new HopExporterError(code, message, { cause }) };
}
