// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { exportMethod } from './otlp-service.ts';

/** Requests that wait for the other collector; the oldest stay, a new one that finds no room is dropped. */
const QUEUE_SIZE = 4096;
const ATTEMPT_MILLIS = 30_000;
const RETRY_FOR_MILLIS = 30_000;
const FIRST_PAUSE_MILLIS = 100;
const LONGEST_PAUSE_MILLIS = 2_000;
const RETRIED: readonly number[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED];

/** What became of the requests: forwarded + dropped by reason + queued = taken. */
export interface ForwarderCounters {
  readonly forwarded: number;
  readonly retries: number;
  readonly dropped_queue_full: number;
  readonly dropped_retry_expired: number;
  readonly dropped_rejected: number;
  readonly dropped_shutdown: number;
  readonly queued: number;
}

/** Hands requests, byte by byte as they came, to another OTLP/gRPC collector, one after the other. */
export class OtlpForwarder {
  readonly #client: Client;
  readonly #queue: Buffer[] = [];
  readonly #counts = { forwarded: 0, retries: 0, full: 0, expired: 0, rejected: 0, shutdown: 0 };
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  /** @param target `http://host:port` or `unix:///path`, without TLS */
  constructor(target: string) {
    const address = target.startsWith('unix:') ? target : new URL(target).host;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': FIRST_PAUSE_MILLIS,
      'grpc.max_reconnect_backoff_ms': LONGEST_PAUSE_MILLIS,
    });
  }

  /** Takes a request. Does not block and does not throw. */
  enqueue(request: Buffer): void {
    if (this.#queue.length >= QUEUE_SIZE || this.#stop.signal.aborted) {
      this.#counts[this.#stop.signal.aborted ? 'shutdown' : 'full'] += 1;
      return;
    }
    this.#queue.push(request);
    this.#running ??= this.#drain();
  }

  counters(): ForwarderCounters {
    const { forwarded, retries, full, expired, rejected, shutdown } = this.#counts;
    return {
      forwarded,
      retries,
      dropped_queue_full: full,
      dropped_retry_expired: expired,
      dropped_rejected: rejected,
      dropped_shutdown: shutdown,
      queued: this.#queue.length,
    };
  }

  /** Waits until the queue is empty, or the time is up; what is left then is dropped and counted. */
  async close(timeoutMillis = 10_000): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), timeoutMillis);
    await this.#running;
    clearTimeout(timer);
    this.#stop.abort();
    this.#client.close();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const [request] = this.#queue;
      if (request === undefined) break;
      this.#counts[await this.#deliver(request)] += 1;
      this.#queue.shift();
    }
    this.#running = undefined;
  }

  async #deliver(request: Buffer): Promise<'forwarded' | 'expired' | 'rejected' | 'shutdown'> {
    const deadline = performance.now() + RETRY_FOR_MILLIS;
    for (
      let pause = FIRST_PAUSE_MILLIS;
      !this.#stop.signal.aborted;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)
    ) {
      const error = await this.#send(request);
      if (error === null) return 'forwarded';
      if (!RETRIED.includes(error.code)) return 'rejected';
      if (performance.now() + pause > deadline) return 'expired';
      this.#counts.retries += 1;
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    return 'shutdown';
  }

  #send(request: Buffer): Promise<ServiceError | null> {
    const { path, requestSerialize, responseDeserialize } = exportMethod;
    const deadline = Date.now() + ATTEMPT_MILLIS;
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        resolve,
      );
    });
  }
}
