// SPDX-License-Identifier: Apache-2.0
import type { Counters, Hop, HopReceiver, HopSink, LostMessage } from '@hopspan/core';

/**
 * A receiver whose hops come from the test: no root, no kernel, no native code. Hops that are emitted
 * before the start or after the shutdown are counted as dropped, as a real probe would not see them.
 */
export class FakeProbe implements HopReceiver {
  #consumer: HopSink | undefined;
  #startError: Error | undefined;
  #counts = { hops_delivered: 0, hops_dropped: 0, lost_delivered: 0, lost_dropped: 0, flushes: 0 };
  #state: 'new' | 'running' | 'stopped' = 'new';

  /** @param options `startError`: what `start()` rejects with. Default: it succeeds */
  constructor(options: { startError?: Error } = {}) {
    this.#startError = options.startError;
  }

  get state(): 'new' | 'running' | 'stopped' {
    return this.#state;
  }

  async start(consumer: HopSink): Promise<void> {
    if (this.#startError !== undefined) throw this.#startError;
    this.#consumer = consumer;
    this.#state = 'running';
  }

  /** Delivers hops at once, as one batch. */
  emit(hops: Hop | readonly Hop[]): void {
    const batch = Array.isArray(hops) ? (hops as readonly Hop[]) : [hops as Hop];
    if (this.#state !== 'running') {
      this.#counts.hops_dropped += batch.length;
      return;
    }
    this.#counts.hops_delivered += batch.length;
    this.#consumer?.onHops(batch);
  }

  /** Delivers lost messages at once. */
  emitLost(lost: readonly LostMessage[]): void {
    if (this.#state !== 'running') {
      this.#counts.lost_dropped += lost.length;
      return;
    }
    this.#counts.lost_delivered += lost.length;
    this.#consumer?.onLost?.(lost);
  }

  counters(): Counters {
    return { ...this.#counts };
  }

  async forceFlush(): Promise<void> {
    this.#counts.flushes += 1;
  }

  async shutdown(): Promise<void> {
    this.#state = 'stopped';
  }
}
