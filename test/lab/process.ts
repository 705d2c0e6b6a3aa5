// SPDX-License-Identifier: Apache-2.0
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.ts';
import { ignore } from './ignore.ts';
import { OutputLines } from './output-lines.ts';

/** How a process ended: `code` or `signal` is null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Output that is still in the pipe when a process ends is waited for this long. */
const DRAIN_MILLIS = 500;

/** A process that runs in a namespace of the lab and dies with it. */
export class LabProcess {
  /** What was started, for messages. */
  readonly command: string;
  /** Process id of the command itself, as the host counts. */
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: OutputLines;
  readonly stderr: OutputLines;
  /** Resolves when it has ended and its output has been read. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(command: string, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.command = command;
    this.pid = child.pid as number;
    this.#child = child;
    this.stdin = child.stdin;
    this.stdin.on('error', ignore);
    this.stdout = new OutputLines(child.stdout);
    this.stderr = new OutputLines(child.stderr);
    this.exited = exitOf(child);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal. @returns whether the process was still there */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.running && this.#child.kill(signal);
  }

  /** SIGTERM, and SIGKILL when that has not ended it within the time. Default: 60,000 ms. */
  async stop(graceMillis = 60_000): Promise<ProcessExit> {
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), graceMillis);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  /**
   * Waits for a line of either stream; lines that have already come count.
   * @throws LabError HOPSPAN_ERR_LAB_TIMEOUT, or HOPSPAN_ERR_LAB_PROCESS when it ends without one
   */
  async waitForLine(pattern: RegExp, timeoutMillis = 60_000): Promise<RegExpExecArray> {
    const before = firstMatch(pattern, [...this.stdout.lines, ...this.stderr.lines]);
    if (before !== undefined) return before;
    const ends: (() => void)[] = [];
    try {
      return await new Promise<RegExpExecArray>((resolve, reject) => {
        const onLine = (line: string) => {
          const match = firstMatch(pattern, [line]);
          if (match !== undefined) resolve(match);
        };
        ends.push(this.stdout.onLine(onLine), this.stderr.onLine(onLine));
        const expired = () =>
          reject(this.#missing(pattern, `within ${timeoutMillis} ms`, 'HOPSPAN_ERR_LAB_TIMEOUT'));
        const timer = setTimeout(expired, timeoutMillis);
        ends.push(() => clearTimeout(timer));
        void this.exited.then(({ code, signal }) =>
          reject(
            this.#missing(
              pattern,
              `before it ended (${signal ?? `status ${code}`})`,
              'HOPSPAN_ERR_LAB_PROCESS',
            ),
          ),
        );
      });
    } finally {
      for (const end of ends) end();
    }
  }

  #missing(
    pattern: RegExp,
    when: string,
    code: 'HOPSPAN_ERR_LAB_TIMEOUT' | 'HOPSPAN_ERR_LAB_PROCESS',
  ): LabError {
    const tail = [...this.stdout.lines.slice(-10), ...this.stderr.lines.slice(-10)].join('\n');
    return new LabError(
      code,
      `${this.command}: printed no line that matches ${pattern} ${when}. Its last output:\n${tail}`,
    );
  }
}

function firstMatch(pattern: RegExp, lines: readonly string[]): RegExpExecArray | undefined {
  for (const line of lines) {
    pattern.lastIndex = 0;
    const match = pattern.exec(line);
    if (match !== null) return match;
  }
  return undefined;
}

/** 'close' waits for whoever else holds the pipe, perhaps a grandchild; so it is given a limit. */
function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<ProcessExit> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', async (code, signal) => {
      const limit = new AbortController();
      await Promise.race([closed, sleep(DRAIN_MILLIS, undefined, { signal: limit.signal }).catch(ignore)]);
      limit.abort();
      // Its own output is in the pipe by now; whoever held this process up must not take that for silence.
      await nextTurn();
      resolve({ code, signal });
    });
  });
}
