// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from './errors.ts';
import { HopDispatcher } from './hop-dispatcher.ts';
import { stopInOrder } from './lifecycle.ts';
import {
  type PipelineCounters,
  type PipelineOptions,
  type ResolvedPipelineOptions,
  resolvePipelineOptions,
} from './pipeline-options.ts';

/** Receiver → queue → processors → exporters, as one component. */
export interface Pipeline {
  /**
   * Starts the receiver; rejects with the receiver's own error when it cannot start. A second call
   * returns the first one's promise.
   * @throws HopspanError HOPSPAN_ERR_PIPELINE_CLOSED after shutdown
   */
  start(): Promise<void>;
  /** Flushes receiver, queue, processors, exporters, in this order. Never rejects. */
  forceFlush(): Promise<void>;
  /**
   * Shuts down receiver, queue, processors, exporters, in this order, each of them whatever the
   * others do. Never rejects: what fails is counted and logged. A second call returns the first one's promise.
   */
  shutdown(): Promise<void>;
  counters(): PipelineCounters;
}

/**
 * Builds a pipeline; nothing runs before `start`. Hops are handed on in later turns of the event loop, so a
 * burst does not hold up the receiver, timers or sockets.
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new HopPipeline(resolvePipelineOptions(options));
}

class HopPipeline implements Pipeline {
  readonly #options: ResolvedPipelineOptions;
  readonly #dispatcher: HopDispatcher;
  readonly #lifecycle = { errors: 0, timeouts: 0 };
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ResolvedPipelineOptions) {
    this.#options = options;
    this.#dispatcher = new HopDispatcher(options);
  }

  async start(): Promise<void> {
    if (this.#stopped !== undefined) {
      throw new HopspanError(
        'HOPSPAN_ERR_PIPELINE_CLOSED',
        'pipeline start: the pipeline was shut down; a pipeline runs once. Create a new one with createPipeline.',
      );
    }
    this.#started ??= this.#options.receiver.start(this.#dispatcher);
    await this.#started;
  }

  forceFlush(): Promise<void> {
    return this.#stopped ?? this.#runStages('forceFlush', this.#options.flushTimeoutMillis);
  }

  shutdown(): Promise<void> {
    this.#stopped ??= this.#runStages('shutdown', this.#options.shutdownTimeoutMillis);
    return this.#stopped;
  }

  counters(): PipelineCounters {
    return {
      ...this.#dispatcher.counters(),
      lifecycle_errors: this.#lifecycle.errors,
      lifecycle_timeouts: this.#lifecycle.timeouts,
    };
  }

  #runStages(operation: 'forceFlush' | 'shutdown', timeoutMillis: number): Promise<void> {
    const { receiver, processors, exporters } = this.#options;
    const queue = operation === 'shutdown' ? () => this.#dispatcher.close() : () => this.#dispatcher.drain();
    const receive = async () => {
      // A receiver that is still starting would begin to deliver after it was shut down.
      if (operation === 'shutdown') await this.#started?.catch(() => undefined);
      await receiver[operation]();
    };
    const stages = [
      { name: 'receiver', tasks: [receive] },
      { name: 'queue', tasks: [queue] },
      ...processors.map((p, i) => ({ name: `processor ${i}`, tasks: [() => p[operation]()] })),
      { name: 'exporter', tasks: exporters.map((e) => () => e[operation]()) },
    ];
    return stopInOrder(operation, stages, timeoutMillis, this.#lifecycle);
  }
}
