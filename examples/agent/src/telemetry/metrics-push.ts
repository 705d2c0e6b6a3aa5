// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import type { PeriodicConfig } from '../config/schema.ts';
import { describeError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';

/** Time limit of the last push, which holds up the end of the process. */
const lastPushMillis = 1000;

/** Options of MetricsPush. */
export interface MetricsPushOptions {
  readonly config: PeriodicConfig;
  /** The request: an OTLP ExportMetricsServiceRequest that JSON can hold. */
  readonly collect: () => unknown;
  readonly log: Pick<Logger, 'warn'>;
  /** Default: the global fetch. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Sends metrics by OTLP/HTTP with JSON at every interval and once at the end. Cumulative numbers need no retry:
 * the next message holds what a lost one said.
 */
export class MetricsPush {
  readonly #options: MetricsPushOptions;
  readonly #url: string;
  readonly #counters = { pushes: 0, push_failures: 0 };
  #timer: NodeJS.Timeout | undefined;
  #failing = false;

  constructor(options: MetricsPushOptions) {
    this.#options = options;
    this.#url = `${options.config.exporter.otlp_http.endpoint.replace(/\/$/, '')}/v1/metrics`;
  }

  start(): void {
    this.#timer = setInterval(
      () => void this.#push(this.#options.config.timeout),
      this.#options.config.interval,
    ).unref();
  }

  counters(): Counters {
    return { ...this.#counters };
  }

  /** Sends the last numbers, if it was ever started. */
  async shutdown(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#push(Math.min(this.#options.config.timeout, lastPushMillis));
  }

  async #push(timeoutMillis: number): Promise<void> {
    this.#counters.pushes += 1;
    try {
      await this.#send(timeoutMillis);
      this.#failing = false;
    } catch (error) {
      this.#counters.push_failures += 1;
      if (!this.#failing)
        this.#options.log.warn(`metrics cannot be sent to ${this.#url}: ${describeFetchError(error)}`);
      this.#failing = true;
    }
  }

  async #send(timeoutMillis: number): Promise<void> {
    const { config, collect, fetch = globalThis.fetch } = this.#options;
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { ...config.exporter.otlp_http.headers, 'content-type': 'application/json' },
      body: JSON.stringify(collect()),
      signal: AbortSignal.timeout(timeoutMillis),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  }
}

/** fetch hides the reason in the cause. */
function describeFetchError(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return describeError(cause ?? error);
}
