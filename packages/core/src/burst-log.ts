// SPDX-License-Identifier: Apache-2.0

/** Logs the first of a burst of like messages, and with the next one how many it left out. */
export type BurstLog = (message: string, error?: unknown) => void;

/**
 * @param write where messages go, for example `diag.error` bound to diag
 * @param quietMillis how long after a message the next ones are only counted. Default: 10000
 * @param nowMillis clock, for tests. Default: performance.now
 */
export function createBurstLog(
  write: (message: string, ...details: unknown[]) => void,
  quietMillis = 10_000,
  nowMillis: () => number = () => performance.now(),
): BurstLog {
  let lastMillis = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (message, error) => {
    const now = nowMillis();
    if (now - lastMillis < quietMillis) {
      left += 1;
      return;
    }
    const text = left === 0 ? message : `${message} (and ${left} more like it since the last message)`;
    lastMillis = now;
    left = 0;
    if (error === undefined) write(text);
    else write(text, error);
  };
}
