// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError } from './command.ts';

/**
 * Runs a function while no other process holds the lock. A child holds it for us, and lets go when its standard
 * input closes, that is, also when we are killed.
 */
export async function withLock<T>(path: string, run: () => Promise<T>): Promise<T> {
  makeFolder(dirname(path));
  const holder = spawn('flock', [path, 'sh', '-c', 'echo; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // A Ctrl-C at the terminal must end what runs under the lock before the lock.
    detached: true,
  });
  const ended = once(holder, 'close');
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!held) throw new CommandError(`cannot lock ${path}: run as the owner of that folder`);
  try {
    return await run();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new CommandError(
      `cannot make ${path} (${(error as NodeJS.ErrnoException).code}): run as its owner`,
    );
  }
}
