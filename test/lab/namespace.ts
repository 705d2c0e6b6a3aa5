// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { LabError } from './errors.ts';
import { ignore } from './ignore.ts';
import { LabProcess } from './process.ts';

/** Options of spawn and exec. */
export interface SpawnOptions {
  /** Default: the owner's working directory. */
  cwd?: string;
  /** Added to the owner's environment; undefined removes a variable. Default: nothing. */
  env?: Record<string, string | undefined>;
}

/** Options of exec. */
export interface ExecOptions extends SpawnOptions {
  /** Written to standard input. Default: nothing. */
  input?: string;
  /** SIGKILL after this time. Default: 60,000 ms. */
  timeoutMillis?: number;
}

/** What a finished command wrote, and its exit status; 128 + n when signal n ended it, as in a shell. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A network namespace of a lab: the place where a node's, a pod's or the fabric's processes run. */
export class Namespace {
  readonly name: string;
  /** Path to open the namespace by, as long as the lab lives. */
  readonly netnsPath: string;
  readonly #children = new Set<Child>();
  #closed = false;

  constructor(name: string, holder: number) {
    this.name = name;
    this.netnsPath = `/proc/${holder}/ns/net`;
  }

  /**
   * Starts a command here. It is killed when the lab is destroyed or its owner ends.
   * @throws LabError HOPSPAN_ERR_LAB_PROCESS after destroy, or when no process can be made
   */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): LabProcess {
    return new LabProcess(`${command} in ${this.name}`, this.#launch(command, args, options));
  }

  /** Runs a command here to its end. Whatever its exit status, the promise is fulfilled. */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    const child = this.#launch(command, args, options);
    child.stdin.on('error', ignore).end(options.input ?? '');
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMillis ?? 60_000);
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    clearTimeout(timer);
    return { stdout, stderr, code: code ?? 128 + signalNumber(signal) };
  }

  /** Kills what was started here and waits until it is gone. Nothing can be started any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#children].map(async (child) => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }

  #launch(command: string, args: readonly string[], options: SpawnOptions): Child {
    if (this.#closed) throw this.#failed(command, 'the lab was destroyed');
    const wrapper = ['--pdeathsig', 'KILL', 'nsenter', `--net=${this.netnsPath}`, '--', command, ...args];
    const child = spawn('setpriv', wrapper, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) {
      child.on('error', ignore);
      throw this.#failed(command, 'no process could be made; is setpriv (util-linux) there?');
    }
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  #failed(command: string, why: string): LabError {
    return new LabError('HOPSPAN_ERR_LAB_PROCESS', `cannot run ${command} in ${this.name}: ${why}`);
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : (constants.signals[signal] ?? 0);
}
