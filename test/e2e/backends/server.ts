// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendError } from './errors.ts';

const LOG_CHARACTERS = 65_536;
const READY_MILLIS = 120_000;
const POLL_MILLIS = 25;

/** How a server is started. */
export interface ServerPlan {
  /** For messages. */
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it serves. Errors count as no. */
  isReady(): Promise<boolean>;
  /** How long that may take. Default: 30,000 ms. */
  readonly readyMillis?: number;
}

/** A server that dies with its starter, however that ends. */
export class ServerProcess {
  readonly pid: number;
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #exited: Promise<void>;
  #log = '';

  private constructor(plan: ServerPlan) {
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', plan.binary, ...plan.args], {
      env: { ...process.env, ...plan.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.pid = this.#child.pid ?? 0;
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.once('error', ({ message }) => this.#keep(message));
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    // Who forgets to stop it must not wait for it for ever.
    this.#child.unref();
    (this.#child.stderr as Socket).unref();
  }

  /** @throws BackendError HOPSPAN_ERR_BACKEND_START, with the server's last line */
  static async start(plan: ServerPlan): Promise<ServerProcess> {
    const server = new ServerProcess(plan);
    const { readyMillis = READY_MILLIS } = plan;
    const deadline = performance.now() + readyMillis;
    while (!(await plan.isReady().catch(() => false))) {
      const late = performance.now() > deadline;
      if (server.running && !late) {
        await sleep(POLL_MILLIS);
        continue;
      }
      const what = server.running ? `not ready within ${readyMillis} ms` : 'ended at its start';
      await server.stop();
      const last = server.log().trimEnd().split('\n').at(-1);
      throw new BackendError('HOPSPAN_ERR_BACKEND_START', `${plan.name} ${what}: ${last}`);
    }
    return server;
  }

  get running(): boolean {
    return this.pid !== 0 && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last of what it has logged. */
  log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    this.#child.ref();
    (this.#child.stderr as Socket).ref();
    if (this.running) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #keep(text: string): void {
    this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
  }
}
