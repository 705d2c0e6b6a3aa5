// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const KEPT_LINES = 2000;

/** The last lines that a process wrote to one of its streams, and a way to hear of each as it comes. */
export class OutputLines {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  constructor(stream: Readable) {
    createInterface({ input: stream }).on('line', (line) => {
      if (this.#lines.push(line) > KEPT_LINES) this.#lines.shift();
      for (const listener of this.#listeners) listener(line);
    });
  }

  /** The last 2,000 lines, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** @returns a function that ends it */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
