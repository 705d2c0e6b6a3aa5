// SPDX-License-Identifier: Apache-2.0

/** Sleeps that can all be ended early. */
export class WakeableSleep {
  readonly #sleepers = new Set<() => void>();

  /** Resolves after `millis`, or earlier when `wakeAll` is called. */
  sleep(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, millis);
      this.#sleepers.add(wake);
    });
  }

  wakeAll(): void {
    for (const wake of [...this.#sleepers]) wake();
  }
}
