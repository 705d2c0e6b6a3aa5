// SPDX-License-Identifier: Apache-2.0

/** Remembers the latest keys in bounded memory: at least `capacity` of them, at most twice as many. */
export class RecentKeys {
  readonly #capacity: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(key: string): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(key);
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }
}
