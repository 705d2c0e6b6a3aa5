// SPDX-License-Identifier: Apache-2.0
import type { Io } from '../../src/cli/io.ts';
import { readEnvironment } from '../../src/env.ts';

/** What a command writes, kept; it is stopped when `stop` resolves. */
export function createMemoryIo({
  stop = Promise.resolve(),
  env = {},
}: {
  stop?: Promise<void>;
  env?: Record<string, string>;
} = {}) {
  const written = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: (text) => {
      written.stdout += text;
    },
    stderr: (text) => {
      written.stderr += text;
    },
    environment: () => readEnvironment(env),
    waitForStop: async () => {
      await stop;
      return 'SIGTERM';
    },
  };
  return { io, written };
}
