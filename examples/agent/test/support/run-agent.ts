// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('agent-process.ts', import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command under test. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called with standard error so far, whenever there is more of it. */
  readonly onStderr?: (text: string, child: ChildProcessByStdio<null, Readable, Readable>) => void;
}

/** Runs the command in a process of its own, with little of the environment, until it ends. */
export async function runAgentProcess(
  args: readonly string[],
  { env, onStderr }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let seen = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    seen += chunk;
    onStderr?.(seen, child);
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number | null, stdout, stderr };
}

/** Ends the process when it says that it is ready. */
export function stopWhenReady(signal: NodeJS.Signals = 'SIGTERM'): NonNullable<RunOptions['onStderr']> {
  let sent = false;
  return (seen, child) => {
    if (sent || !/\bready\b/.test(seen)) return;
    sent = true;
    child.kill(signal);
  };
}

/** Overrides that keep the agent's own endpoints closed. */
export const quiet = [
  '--set',
  'service::extensions=[]',
  '--set',
  'service::telemetry::metrics::readers=[]',
] as const;
