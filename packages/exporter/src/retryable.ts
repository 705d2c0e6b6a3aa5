// SPDX-License-Identifier: Apache-2.0
import { parseRetryDelay } from './retry-info.ts';

/** Whether a failed export may be tried again, and the delay the server asked for. */
export interface RetryVerdict {
  readonly retryable: boolean;
  readonly delayMillis?: number;
}

/*
 * OTLP specification, "Failures": CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS.
 * RESOURCE_EXHAUSTED only when the server says how long to wait.
 */
const GRPC_RETRYABLE = new Set([1, 4, 10, 11, 14, 15]);
const GRPC_RESOURCE_EXHAUSTED = 8;
const GRPC_HIGHEST = 16;
/* OTLP specification, "Failures 1": the HTTP statuses to retry. */
const HTTP_RETRYABLE = new Set([429, 502, 503, 504]);
/* Connections that could not be made or broke: what the OTLP/HTTP exporter itself retries for a while. */
const NETWORK_RETRYABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);
/*
 * Errors of the OTLP exporters 0.223 and 0.301 that carry no code: the end of their own retries of a retryable
 * status, a timed-out request, and too many exports at once.
 */
const MESSAGES_RETRYABLE = new Set([
  'Export failed with retryable status',
  'Request timed out',
  'Concurrent export limit reached',
]);

/** Judges the error of a failed export by its `code`: gRPC up to 16, HTTP above, or an errno name. */
export function judgeExportError(error: Error | undefined): RetryVerdict {
  if (error === undefined) return { retryable: false };
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return { retryable: NETWORK_RETRYABLE.has(code) };
  if (typeof code !== 'number') return { retryable: MESSAGES_RETRYABLE.has(error.message) };
  if (code > GRPC_HIGHEST) return { retryable: HTTP_RETRYABLE.has(code) };
  const delayMillis = delayFromMetadata(error);
  if (code === GRPC_RESOURCE_EXHAUSTED) return { retryable: delayMillis !== undefined, delayMillis };
  return { retryable: GRPC_RETRYABLE.has(code), delayMillis };
}

interface MetadataLike {
  get(key: string): unknown[];
}

function delayFromMetadata(error: Error): number | undefined {
  const metadata = (error as { metadata?: Partial<MetadataLike> }).metadata;
  const [status] = metadata?.get?.('grpc-status-details-bin') ?? [];
  return status instanceof Uint8Array ? parseRetryDelay(status) : undefined;
}
