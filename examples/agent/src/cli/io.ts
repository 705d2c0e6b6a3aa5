// SPDX-License-Identifier: Apache-2.0
import { type AgentEnvironment, readEnvironment } from '../env.ts';

/** What a command has of its process, as one seam for tests. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  environment(): AgentEnvironment;
  /** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
  waitForStop(): Promise<NodeJS.Signals>;
}

/** The real process. A reader of standard output that goes away does not end it. */
export function createProcessIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    environment: () => readEnvironment(),
    waitForStop,
  };
}

function waitForStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let seen = 0;
    // A listener for signals does not keep a process alive.
    const keepAlive = setInterval(() => undefined, 2 ** 30);
    const onSignal = (signal: NodeJS.Signals) => {
      seen += 1;
      if (seen > 1) process.exit(1);
      clearInterval(keepAlive);
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
