// SPDX-License-Identifier: Apache-2.0
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, createBurstLog, type Hop, type HopSink, type LostMessage } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { checkStatus } from './check-status.ts';
import { describeErrno } from './errors.ts';
import type { HopDecoder } from './hop-decoder.ts';
import type { NativeAddon, NativeRingSet } from './native.ts';
import type { ProbeTally } from './probe-tally.ts';

export interface RingReaderParts {
  readonly native: NativeAddon;
  readonly ringFds: readonly number[];
  /** Size of all rings together, in bytes. */
  readonly capacity: number;
  readonly decoder: HopDecoder;
  readonly clock: Clock;
  readonly consumer: HopSink;
  readonly tally: ProbeTally;
  readonly pollIntervalMillis: number;
}

/**
 * Reads the rings on a timer, and at once when the kernel says that one fills up. A batch is one buffer
 * full; between two batches the event loop has a turn.
 */
export class RingReader {
  readonly #parts: RingReaderParts;
  readonly #rings: NativeRingSet;
  readonly #logError = createBurstLog(diag.error.bind(diag));
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #closed = false;

  /** @throws HopProbeError HOPSPAN_ERR_LOAD */
  constructor(parts: RingReaderParts) {
    this.#parts = parts;
    this.#rings = new parts.native.RingSet();
    const status = this.#rings.open(parts.ringFds, () => this.#onWakeup());
    checkStatus(parts.native, 'HOPSPAN_ERR_LOAD', 'open the rings', status);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#parts.tally.polls += 1;
      void this.#read();
    }, this.#parts.pollIntervalMillis);
  }

  /** Delivers everything that is in the rings at the time of the call. */
  async flush(): Promise<void> {
    await this.#reading;
    await this.#read();
  }

  /** Reads what is left, without a pause: for when nothing writes any more. */
  close(): void {
    clearInterval(this.#timer);
    while (this.#readBatch() > 0);
    this.#closed = true;
    this.#rings.close();
  }

  #onWakeup(): void {
    this.#parts.tally.wakeups += 1;
    void this.#read();
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Not more than the rings hold, so that a flush ends however fast the kernel writes. */
  async #readAll(): Promise<void> {
    for (let total = 0; total < this.#parts.capacity; ) {
      const size = this.#readBatch();
      if (size === 0) return;
      total += size;
      await nextTurn();
    }
  }

  /** Bytes read; 0 when the rings are empty, or closed meanwhile. */
  #readBatch(): number {
    if (this.#closed) return 0;
    const { decoder, clock, tally } = this.#parts;
    const size = this.#rings.drain(decoder.buffer);
    if (size < 0) {
      tally.drain_errors += 1;
      this.#logError(`hopspan probe: reading the rings: ${describeErrno(-size)}`);
      return 0;
    }
    if (size > 0) {
      this.#deliver(decoder.decode(size, clock.offsetNs()));
      this.#deliverLost(decoder.takeLost());
    }
    return size;
  }

  #deliver(hops: readonly Hop[]): void {
    if (hops.length === 0) return;
    this.#parts.tally.hops_delivered += hops.length;
    this.#handOver((consumer) => consumer.onHops(hops));
  }

  #deliverLost(lost: readonly LostMessage[]): void {
    if (lost.length === 0) return;
    this.#parts.tally.lost_delivered += lost.length;
    this.#handOver((consumer) => consumer.onLost?.(lost));
  }

  #handOver(deliverTo: (consumer: HopSink) => void): void {
    const { consumer, tally } = this.#parts;
    try {
      deliverTo(consumer);
    } catch (error) {
      tally.consumer_errors += 1;
      this.#logError('hopspan probe: the consumer threw; consumers must not', error);
    }
  }
}
