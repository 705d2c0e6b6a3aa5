// SPDX-License-Identifier: Apache-2.0

/** How a bounded wait ended. */
export type Settled = { status: 'done' } | { status: 'failed'; error: unknown } | { status: 'timed-out' };

/**
 * Runs `task` and waits for it, but no longer than `millis`. Never rejects. After the time is up the
 * task goes on unobserved; its later rejection is swallowed.
 */
export async function withDeadline(task: () => unknown, millis: number): Promise<Settled> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<Settled>((resolve) => {
    timer = setTimeout(resolve, millis, { status: 'timed-out' });
  });
  try {
    return await Promise.race([settle(task), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

async function settle(task: () => unknown): Promise<Settled> {
  try {
    await task();
    return { status: 'done' };
  } catch (error) {
    return { status: 'failed', error };
  }
}
