// SPDX-License-Identifier: Apache-2.0
import { checkInteger, checkNumber } from '@hopspan/core';

/** The Collector's `retry_on_failure`, with units in the names. */
export interface RetryOnFailureOptions {
  /** Whether to retry at all. Default: true. */
  enabled?: boolean;
  /** Wait before the first retry, before jitter. Default: 500. */
  initialIntervalMillis?: number;
  /** Longest wait between two attempts, jitter included. Default: 2500. */
  maxIntervalMillis?: number;
  /** A batch that still fails after this long is given up. Default: 300000. */
  maxElapsedTimeMillis?: number;
  /** What a wait grows by from one attempt to the next, 1 or more. Default: 1.5. */
  multiplier?: number;
  /** A wait is drawn from interval × (1 ± this), 0 to 1. Default: 0.5. */
  randomizationFactor?: number;
}

/** The defaults of retryOnFailure. */
export function getRetryDefaults(): Required<RetryOnFailureOptions> {
  return {
    enabled: true,
    initialIntervalMillis: 500,
    maxIntervalMillis: 2500,
    maxElapsedTimeMillis: 300_000,
    multiplier: 1.5,
    randomizationFactor: 0.5,
  };
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function resolveRetryOptions(options: RetryOnFailureOptions = {}): Required<RetryOnFailureOptions> {
  const defaults = getRetryDefaults();
  const millis = (name: 'initialIntervalMillis' | 'maxIntervalMillis' | 'maxElapsedTimeMillis') =>
    checkInteger('retryOnFailure', name, options[name] ?? defaults[name], { min: 1 });
  const ratio = (name: 'multiplier' | 'randomizationFactor', range: { min: number; max?: number }) =>
    checkNumber('retryOnFailure', name, options[name] ?? defaults[name], range);
  return {
    enabled: options.enabled ?? defaults.enabled,
    initialIntervalMillis: millis('initialIntervalMillis'),
    maxIntervalMillis: millis('maxIntervalMillis'),
    maxElapsedTimeMillis: millis('maxElapsedTimeMillis'),
    multiplier: ratio('multiplier', { min: 1 }),
    randomizationFactor: ratio('randomizationFactor', { min: 0, max: 1 }),
  };
}
