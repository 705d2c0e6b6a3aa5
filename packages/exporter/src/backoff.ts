// SPDX-License-Identifier: Apache-2.0
import type { RetryOnFailureOptions } from './retry-options.ts';

/** Exponential back-off with jitter: each wait is random around an interval that grows up to a limit. */
export class Backoff {
  readonly #options: Required<RetryOnFailureOptions>;
  readonly #random: () => number;
  #intervalMillis: number;

  /** @param random 0 to 1, for tests. Default: Math.random */
  constructor(options: Required<RetryOnFailureOptions>, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
    this.#intervalMillis = options.initialIntervalMillis;
  }

  /** The next wait in milliseconds. */
  next(): number {
    const { randomizationFactor, multiplier, maxIntervalMillis } = this.#options;
    const jitter = 1 + randomizationFactor * (2 * this.#random() - 1);
    const wait = Math.min(this.#intervalMillis * jitter, maxIntervalMillis);
    this.#intervalMillis = Math.min(this.#intervalMillis * multiplier, maxIntervalMillis);
    return wait;
  }

  /** Starts over at the initial interval. */
  reset(): void {
    this.#intervalMillis = this.#options.initialIntervalMillis;
  }
}
