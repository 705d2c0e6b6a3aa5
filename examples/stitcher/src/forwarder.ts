// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type Counters, createBurstLog } from '@hopspan/core';
import { Backoff, getRetryDefaults, judgeExportError } from '@hopspan/exporter';
import type { Log } from './log.ts';

/** Sends one request; rejects with an error whose `code` judgeExportError knows. */
export interface Sender {
  send(request: Buffer, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly request: Buffer;
  readonly spans: number;
}

type Outcome = 'sent' | 'dropped_retry_expired' | 'dropped_rejected' | 'dropped_shutdown';

/** A request that still fails after this long is given up: as long as exporters of agents go on. */
const retry = getRetryDefaults();

/**
 * Sends requests one after the other, each until it arrives or its time is up. It does not drop for want of room: the
 * receivers ask `queued` before they take a request, and have it sent again later.
 * spans taken = sent + dropped_retry_expired + dropped_rejected + dropped_shutdown + queued, at every moment.
 */
export class Forwarder {
  readonly #sender: Sender;
  readonly #log: (message: string, error?: unknown) => void;
  readonly #queue: Waiting[] = [];
  readonly #stop = new AbortController();
  readonly #tally = {
    sent: 0,
    retries: 0,
    dropped_retry_expired: 0,
    dropped_rejected: 0,
    dropped_shutdown: 0,
  };
  #queued = 0;
  #running: Promise<void> | undefined;

  constructor(sender: Sender, log: Log) {
    this.#sender = sender;
    this.#log = createBurstLog((message, error) => log.warn(message, error === undefined ? {} : { error }));
  }

  /** Spans that wait or are being sent. */
  get queued(): number {
    return this.#queued;
  }

  enqueue(request: Buffer, spans: number): void {
    if (this.#stop.signal.aborted) {
      this.#tally.dropped_shutdown += spans;
      return;
    }
    this.#queue.push({ request, spans });
    this.#queued += spans;
    this.#running ??= this.#drain();
  }

  counters(): Counters {
    return { ...this.#tally, queued: this.#queued };
  }

  /** Sends what waits, for as long as this; what is left then is dropped and counted. */
  async close(timeoutMillis: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), timeoutMillis);
    await this.#running;
    clearTimeout(timer);
    this.#stop.abort();
    this.#sender.close();
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const outcome = await this.#deliver(next.request);
      this.#tally[outcome] += next.spans;
      this.#queued -= next.spans;
    }
    this.#running = undefined;
  }

  async #deliver(request: Buffer): Promise<Outcome> {
    const backoff = new Backoff(retry);
    const deadline = performance.now() + retry.maxElapsedTimeMillis;
    while (!this.#stop.signal.aborted) {
      const error = await this.#try(request);
      if (error === undefined) return 'sent';
      if (this.#stop.signal.aborted) break;
      const { retryable, delayMillis } = judgeExportError(error);
      if (!retryable) {
        this.#log('spans lost: the endpoint refuses them', error.message);
        return 'dropped_rejected';
      }
      const pauseMillis = delayMillis ?? backoff.next();
      if (performance.now() + pauseMillis > deadline) {
        this.#log('spans lost: the endpoint did not take them in time', error.message);
        return 'dropped_retry_expired';
      }
      this.#log('the endpoint does not take spans; they are sent again', error.message);
      this.#tally.retries += 1;
      await sleep(pauseMillis, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    return 'dropped_shutdown';
  }

  async #try(request: Buffer): Promise<Error | undefined> {
    try {
      await this.#sender.send(request, this.#stop.signal);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
