// SPDX-License-Identifier: Apache-2.0
import { checkInteger, invalidOption } from './check-option.ts';
import type { Counters, HopConsumer, HopProcessor, HopReceiver } from './component.ts';

/** Options of createPipeline. */
export interface PipelineOptions {
  /** Where hops come from. Required. */
  receiver: HopReceiver;
  /** Run in this order on every batch. Default: none. */
  processors?: readonly HopProcessor[];
  /** Each of them gets every batch; one does not wait for another. At least one. Required. */
  exporters: readonly HopConsumer[];
  /** Most hops held between receiver and processors; what comes on top is dropped. Default: 16384. */
  maxQueueSize?: number;
  /** Most hops handed on in one turn of the event loop. Default: 1024. */
  maxBatchSize?: number;
  /** Time limit of one forceFlush, in milliseconds. Default: 10000. */
  flushTimeoutMillis?: number;
  /** Time limit of shutdown, in milliseconds. Default: 10000. */
  shutdownTimeoutMillis?: number;
}

/** Options with every default filled in. */
export type ResolvedPipelineOptions = Required<PipelineOptions>;

/** Counters of the pipeline's queue. received = delivered + dropped_* + queued, at every moment. */
export interface QueueCounters extends Counters {
  /** Hops the receiver handed over. */
  readonly received: number;
  /** Hops handed to the exporters (each of which has its own counters). */
  readonly delivered: number;
  /** Hops that found the queue full. */
  readonly dropped_queue_full: number;
  /** Hops that the processors took out; theirs say why. Goes down when they add hops. */
  readonly dropped_by_processor: number;
  /** Hops that came after shutdown. */
  readonly dropped_shutdown: number;
  /** Hops in the queue now. */
  readonly queued: number;
  /** Calls in which a processor threw; the batch went on without it. */
  readonly processor_errors: number;
  /** Calls in which an exporter threw; the other exporters got the batch. */
  readonly exporter_errors: number;
  /** Lost messages the receiver handed over: lost_received = lost_delivered + lost_dropped_*. */
  readonly lost_received: number;
  readonly lost_delivered: number;
  readonly lost_dropped_by_processor: number;
  readonly lost_dropped_shutdown: number;
}

/** Counters of a pipeline. */
export interface PipelineCounters extends QueueCounters {
  /** Times a component failed to flush or shut down. */
  readonly lifecycle_errors: number;
  /** Times a component took too long to flush or shut down. */
  readonly lifecycle_timeouts: number;
}

/** The defaults of createPipeline; receiver and exporters have none. */
export function getPipelineDefaults(): Omit<ResolvedPipelineOptions, 'receiver' | 'exporters'> {
  return {
    processors: [],
    maxQueueSize: 16_384,
    maxBatchSize: 1024,
    flushTimeoutMillis: 10_000,
    shutdownTimeoutMillis: 10_000,
  };
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function resolvePipelineOptions(options: PipelineOptions): ResolvedPipelineOptions {
  const defaults = getPipelineDefaults();
  if (options.exporters.length === 0) {
    throw invalidOption('createPipeline', 'exporters', '[]', 'a list of at least one HopConsumer');
  }
  const atLeast = (name: NumericOption, min: number) =>
    checkInteger('createPipeline', name, options[name] ?? defaults[name], { min });
  return {
    receiver: options.receiver,
    processors: options.processors ?? defaults.processors,
    exporters: options.exporters,
    maxQueueSize: atLeast('maxQueueSize', 1),
    maxBatchSize: atLeast('maxBatchSize', 1),
    flushTimeoutMillis: atLeast('flushTimeoutMillis', 1),
    shutdownTimeoutMillis: atLeast('shutdownTimeoutMillis', 1),
  };
}

type NumericOption = 'maxQueueSize' | 'maxBatchSize' | 'flushTimeoutMillis' | 'shutdownTimeoutMillis';
