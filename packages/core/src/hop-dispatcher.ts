// SPDX-License-Identifier: Apache-2.0
import { diag } from '@opentelemetry/api';
import { BoundedQueue } from './bounded-queue.ts';
import { type BurstLog, createBurstLog } from './burst-log.ts';
import type { HopConsumer, HopProcessor, HopSink } from './component.ts';
import type { Hop } from './hop.ts';
import type { LostMessage } from './lost-message.ts';
import type { QueueCounters, ResolvedPipelineOptions } from './pipeline-options.ts';

type DispatcherOptions = Pick<
  ResolvedPipelineOptions,
  'processors' | 'exporters' | 'maxQueueSize' | 'maxBatchSize'
>;

/** The queue of a pipeline and what empties it: batch by batch, one a turn of the event loop. */
export class HopDispatcher implements HopSink {
  readonly #processors: readonly HopProcessor[];
  readonly #exporters: readonly HopConsumer[];
  readonly #queue: BoundedQueue<Hop>;
  readonly #maxBatchSize: number;
  readonly #log: BurstLog = createBurstLog((message, ...details) => diag.error(message, ...details));
  #draining: Promise<void> | undefined;
  #closed = false;
  #received = 0;
  #delivered = 0;
  #droppedQueueFull = 0;
  #droppedByProcessor = 0;
  #droppedShutdown = 0;
  #processorErrors = 0;
  #exporterErrors = 0;
  readonly #lost = {
    lost_received: 0,
    lost_delivered: 0,
    lost_dropped_by_processor: 0,
    lost_dropped_shutdown: 0,
  };

  constructor(options: DispatcherOptions) {
    this.#processors = options.processors;
    this.#exporters = options.exporters;
    this.#queue = new BoundedQueue(options.maxQueueSize);
    this.#maxBatchSize = options.maxBatchSize;
  }

  onHops(hops: readonly Hop[]): void {
    this.#received += hops.length;
    if (this.#closed) {
      this.#droppedShutdown += hops.length;
      return;
    }
    let full = 0;
    for (const hop of hops) if (!this.#queue.push(hop)) full += 1;
    if (full > 0) {
      this.#droppedQueueFull += full;
      this.#log(`hopspan pipeline: queue of ${this.#queue.capacity} hops is full; hops are dropped`);
    }
    void this.drain();
  }

  /** Handed on at once: the kernel reports no more than a thousand a second. */
  onLost(received: readonly LostMessage[]): void {
    this.#lost.lost_received += received.length;
    if (this.#closed) {
      this.#lost.lost_dropped_shutdown += received.length;
      return;
    }
    const lost = this.#process(received, (processor, batch) => processor.processLost?.(batch) ?? batch);
    this.#lost.lost_dropped_by_processor += received.length - lost.length;
    this.#lost.lost_delivered += lost.length;
    this.#export((exporter) => exporter.onLost?.(lost));
  }

  /** Resolves when the queue has been empty once. */
  drain(): Promise<void> {
    if (this.#queue.length > 0) this.#draining ??= this.#drain();
    return this.#draining ?? Promise.resolve();
  }

  /** Takes no more hops, and resolves when the queue is empty. */
  close(): Promise<void> {
    this.#closed = true;
    return this.drain();
  }

  counters(): QueueCounters {
    return {
      received: this.#received,
      delivered: this.#delivered,
      dropped_queue_full: this.#droppedQueueFull,
      dropped_by_processor: this.#droppedByProcessor,
      dropped_shutdown: this.#droppedShutdown,
      queued: this.#queue.length,
      processor_errors: this.#processorErrors,
      exporter_errors: this.#exporterErrors,
      ...this.#lost,
    };
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#deliver(this.#queue.take(this.#maxBatchSize));
    }
    this.#draining = undefined;
  }

  #deliver(batch: readonly Hop[]): void {
    const hops = this.#process(batch, (processor, before) => processor.process(before));
    this.#droppedByProcessor += batch.length - hops.length;
    this.#delivered += hops.length;
    if (hops.length > 0) this.#export((exporter) => exporter.onHops(hops));
  }

  #export(handOver: (exporter: HopConsumer) => void): void {
    for (const exporter of this.#exporters) {
      try {
        handOver(exporter);
      } catch (error) {
        this.#exporterErrors += 1;
        this.#log('hopspan pipeline: an exporter threw; it may have lost hops', error);
      }
    }
  }

  #process<T>(
    batch: readonly T[],
    processBy: (processor: HopProcessor, batch: readonly T[]) => readonly T[],
  ): readonly T[] {
    let items = batch;
    for (const processor of this.#processors) {
      try {
        items = processBy(processor, items);
      } catch (error) {
        this.#processorErrors += 1;
        this.#log('hopspan pipeline: a processor threw; its batch goes on unchanged', error);
      }
    }
    return items;
  }
}
