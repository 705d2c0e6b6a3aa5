// SPDX-License-Identifier: Apache-2.0

/** Why spans of a sending queue were lost. */
export type DropReason =
  | 'dropped_queue_full'
  | 'dropped_retry_expired'
  | 'dropped_rejected'
  | 'dropped_shutdown';

/** The counts of a sending queue that only grow; SendingQueueCounters says what they mean. */
export type SendingTally = Record<'enqueued' | 'sent' | 'unsampled' | 'batches' | DropReason, number>;

export function createSendingTally(): SendingTally {
  return {
    enqueued: 0,
    sent: 0,
    dropped_queue_full: 0,
    dropped_retry_expired: 0,
    dropped_rejected: 0,
    dropped_shutdown: 0,
    unsampled: 0,
    batches: 0,
  };
}

/** The counter for spans that were lost with this error; what has no code of ours was not retried. */
export function dropReason(error: Error | undefined): DropReason {
  const code: unknown = error !== undefined && 'code' in error ? error.code : undefined;
  if (code === 'HOPSPAN_ERR_EXPORT_RETRY_EXPIRED') return 'dropped_retry_expired';
  if (code === 'HOPSPAN_ERR_EXPORT_SHUTDOWN') return 'dropped_shutdown';
  return 'dropped_rejected';
}
