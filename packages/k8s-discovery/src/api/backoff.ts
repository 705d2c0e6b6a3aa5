// SPDX-License-Identifier: Apache-2.0

/** Bounds of the waits between attempts. */
export interface BackoffOptions {
  /** First wait, before jitter, in milliseconds. Default: 800. */
  initialMillis?: number;
  /** Longest wait, before jitter, in milliseconds. Default: 30000. */
  maxMillis?: number;
}

const MULTIPLIER = 2;

/** Waits that double, each spread over ± half of itself: agents of a cluster must not come back as one. */
export class Backoff {
  readonly #initialMillis: number;
  readonly #maxMillis: number;
  readonly #random: () => number;
  #nextMillis: number;

  /** @param random 0 up to 1. Default: Math.random */
  constructor(options: BackoffOptions = {}, random: () => number = Math.random) {
    this.#initialMillis = options.initialMillis ?? 800;
    this.#maxMillis = options.maxMillis ?? 30_000;
    this.#random = random;
    this.#nextMillis = this.#initialMillis;
  }

  /** The next wait in milliseconds. */
  next(): number {
    const wait = this.#nextMillis;
    this.#nextMillis = Math.min(wait * MULTIPLIER, this.#maxMillis);
    return wait * (0.5 + this.#random());
  }

  reset(): void {
    this.#nextMillis = this.#initialMillis;
  }
}
