// SPDX-License-Identifier: Apache-2.0

/** Resolves when `condition` holds; rejects when it does not within the limit, by default one minute. */
export async function until(condition: () => boolean, limitMillis = 60_000): Promise<void> {
  const end = Date.now() + limitMillis;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never held: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets the event loop turn, so that everything that is ready has happened. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
