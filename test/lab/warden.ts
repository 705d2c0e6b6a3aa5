// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LabError } from './errors.ts';
import { ignore } from './ignore.ts';

const SCRIPT = fileURLToPath(new URL('warden.sh', import.meta.url));
const START_MILLIS = 60_000;

/**
 * The process that holds the namespaces of a lab (see warden.sh). It dies, and with it everything
 * that runs in them, when its owner closes the pipe or ends in any way at all.
 */
export class Warden {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #holders = new Map<string, number>();
  #stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4096);
    });
    child.stdin?.on('error', ignore);
  }

  /**
   * Makes one namespace for each name; removes the folder at the end.
   * @throws LabError HOPSPAN_ERR_LAB_SETUP
   */
  static async start(names: readonly string[], folder: string): Promise<Warden> {
    // A session of its own: Ctrl-C is for the owner to act on, not for everything it started.
    const child = spawn('sh', [SCRIPT, ...names], {
      detached: true,
      env: { ...process.env, HOPSPAN_LAB_FOLDER: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const warden = new Warden(child);
    try {
      await once(child, 'spawn');
      await warden.#collect(names.length);
    } catch (error) {
      await warden.release();
      throw new LabError(
        'HOPSPAN_ERR_LAB_SETUP',
        `Lab.create: ${warden.#holders.size} of ${names.length} network namespaces came up. ${warden.#stderr.trim()} ` +
          'Root (CAP_SYS_ADMIN) and util-linux (unshare, setpriv) are needed.',
        { cause: error },
      );
    }
    warden.#letOwnerEnd();
    return warden;
  }

  /** Process id of the namespace's holder. */
  holderOf(name: string): number {
    const pid = this.#holders.get(name);
    if (pid === undefined)
      throw new LabError('HOPSPAN_ERR_LAB_SETUP', `there is no namespace ${name} in this lab`);
    return pid;
  }

  /** Ends every process in the namespaces, and with them the namespaces. Resolves when that is done. */
  async release(): Promise<void> {
    this.#child.ref();
    for (const stream of this.#child.stdio) (stream as { ref?: () => void } | null)?.ref?.();
    this.#child.stdin?.end();
    if (this.#child.pid !== undefined) await this.#ended;
  }

  async #collect(count: number): Promise<void> {
    const inodes: string[] = [];
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    const timer = setTimeout(() => lines.close(), START_MILLIS);
    for await (const line of lines) {
      const [name, pid, inode] = line.split(' ') as [string, string, string];
      this.#holders.set(name, Number(pid));
      inodes.push(inode);
      if (inodes.length === count) break;
    }
    clearTimeout(timer);
    if (inodes.length < count) throw new Error('the warden ended early');
    this.#child.stdin?.write(`${inodes.join(' ')}\n`);
  }

  /** A script that ends without destroy() must be able to end; the kernel then closes the pipe. */
  #letOwnerEnd(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
  }
}
