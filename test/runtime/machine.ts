// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecResult, Lab, LabNode, LabProcess, SpawnOptions } from '../lab/index.ts';

const LIMIT_MILLIS = 180_000;

/**
 * A node of the lab made to look like a machine of its own to what runs containers there: with PIDs and mounts of its
 * own beside the network. When its first process ends, the kernel ends every container and removes every mount,
 * however the test ends. Control groups are the machine's: they go at the end of the lab.
 */
export class Machine {
  readonly node: LabNode;
  /** Seen under the same path from inside. Removed with the lab. */
  readonly folder: string;
  /** Parent of the control groups of what runs here. */
  readonly cgroup: string;
  readonly #init: number;

  private constructor(node: LabNode, folder: string, cgroup: string, init: number) {
    this.node = node;
    this.folder = folder;
    this.cgroup = cgroup;
    this.#init = init;
  }

  static async start(lab: Lab, name: string): Promise<Machine> {
    const node = lab.node(name);
    const folder = `${lab.folder}/${name}`;
    mkdirSync(folder);
    const cgroup = `hopspan-${process.pid}-${name}-${Date.now().toString(36)}`;
    appendFileSync(`${lab.folder}/at-end.sh`, removeGroups(cgroup));
    const script = 'mount -t tmpfs tmpfs /run && echo ready && exec sleep infinity';
    const unshare = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script];
    const holder = node.spawn('unshare', unshare);
    await holder.waitForLine(/^ready$/);
    return new Machine(node, folder, cgroup, childOf(holder.pid));
  }

  get name(): string {
    return this.node.name;
  }

  get nicName(): LabNode['nicName'] {
    return this.node.nicName;
  }

  /** What is signalled is the process that waits for this one: it ends with the machine. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): LabProcess {
    return this.node.spawn('nsenter', this.#inside(command, args), options);
  }

  /** Runs a command to its end. Throws when it fails. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code }: ExecResult = await this.node.exec('nsenter', this.#inside(command, args));
    if (code === 0) return stdout;
    throw new Error(`${command} ${args.join(' ')} ended with status ${code}: ${stderr}${stdout}`);
  }

  #inside(command: string, args: readonly string[]): string[] {
    return ['--target', String(this.#init), '--mount', '--pid', '--', command, ...args];
  }
}

/** Shell script; a group whose last process is still on its way out is busy for a moment. */
function removeGroups(cgroup: string): string {
  return `round=0
until find /sys/fs/cgroup -depth -type d -path '*/${cgroup}*' -exec rmdir {} + || [ "$round" -ge 100 ]; do
  round=$((round + 1))
  sleep 0.1
done 2>/dev/null
`;
}

/** The first process of the new PID namespace, as this one counts. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

/** Waits for something that must come true. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + LIMIT_MILLIS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`it did not happen within ${LIMIT_MILLIS} ms: ${what}`);
    await sleep(50);
  }
}
