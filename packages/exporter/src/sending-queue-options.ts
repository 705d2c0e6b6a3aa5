// SPDX-License-Identifier: Apache-2.0
import { type Counters, checkInteger } from '@hopspan/core';

/** Options of SendingQueue, after the Collector's `sending_queue`. */
export interface SendingQueueOptions {
  /** Most spans that wait; up to one batch more is under way. Default: 16384. */
  queueSize?: number;
  /** Most spans in one export; as many are sent without waiting. Default: 1024. */
  batchSize?: number;
  /** Longest time a span waits for its batch to fill, in milliseconds. Default: 500. */
  flushTimeoutMillis?: number;
  /** Time limit of one forceFlush, in milliseconds. Default: 5000. */
  forceFlushTimeoutMillis?: number;
  /** How long shutdown goes on sending, in milliseconds. Default: 5000. */
  shutdownTimeoutMillis?: number;
}

/**
 * Counters of SendingQueue. At every moment, exactly:
 * enqueued = sent + dropped_queue_full + dropped_retry_expired + dropped_rejected + dropped_shutdown + queued + in_flight
 */
export interface SendingQueueCounters extends Counters {
  /** Sampled spans handed to the queue. */
  readonly enqueued: number;
  /** Spans the exporter reported as exported. */
  readonly sent: number;
  /** Spans that found the queue full. */
  readonly dropped_queue_full: number;
  /** Spans that still failed when their time for retries was over. */
  readonly dropped_retry_expired: number;
  /** Spans the exporter failed to export in a way that is not retried. */
  readonly dropped_rejected: number;
  /** Spans that came after shutdown, or could not be confirmed within its time. */
  readonly dropped_shutdown: number;
  /** Spans that wait now. */
  readonly queued: number;
  /** Spans handed to the exporter whose outcome is not known yet. */
  readonly in_flight: number;
  /** Spans without the sampled flag: not enqueued, as the specification of span processors asks. */
  readonly unsampled: number;
  /** Exports made. */
  readonly batches: number;
}

/** The defaults of SendingQueue. */
export function getSendingQueueDefaults(): Required<SendingQueueOptions> {
  return {
    queueSize: 16_384,
    batchSize: 1024,
    flushTimeoutMillis: 500,
    forceFlushTimeoutMillis: 5000,
    shutdownTimeoutMillis: 5000,
  };
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function resolveSendingQueueOptions(options: SendingQueueOptions): Required<SendingQueueOptions> {
  const defaults = getSendingQueueDefaults();
  const atLeastOne = (name: keyof SendingQueueOptions) =>
    checkInteger('SendingQueue', name, options[name] ?? defaults[name], { min: 1 });
  return {
    queueSize: atLeastOne('queueSize'),
    batchSize: atLeastOne('batchSize'),
    flushTimeoutMillis: atLeastOne('flushTimeoutMillis'),
    forceFlushTimeoutMillis: atLeastOne('forceFlushTimeoutMillis'),
    shutdownTimeoutMillis: atLeastOne('shutdownTimeoutMillis'),
  };
}
