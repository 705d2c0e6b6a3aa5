// SPDX-License-Identifier: Apache-2.0
// What a test run could leave on a machine. Somebody else may run Hopspan here at the same time, so processes are
// known by a mark in their environment and programs by who holds them, not by their being new.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryExec } from './exec.ts';

/** Things, in the words to show them by. */
export type Snapshot = ReadonlySet<string>;

const markName = 'HOPSPAN_TEST_RUN';
const mark = `${process.pid}-${Date.now()}`;

const BPF_FS = '/sys/fs/bpf';
/** The kernel's own: there as soon as anybody (bpftool, for one) mounts the file system. */
const ofTheKernel = / \/sys\/fs\/bpf\/(maps|progs)\.debug$/;

const notRun = { status: 1, stdout: '' };

/** Between two looks: the kernel removes links and programs some time after their last user has gone. */
const intervalMillis = 200;

/** Marks all processes that are started from now on. */
export function markChildren(): void {
  process.env[markName] = mark;
}

/** What is there now: named namespaces, links, qdiscs, pins, and programs and processes of ours. */
export async function takeSnapshot(): Promise<Snapshot> {
  const processes = listMarked();
  const things = [
    ...listFolder('/run/netns', 'network namespace'),
    ...(await listLines('ip', ['-o', 'link'], 'link', linkName)),
    ...(await listLines('tc', ['qdisc', 'show'], 'qdisc', clsactName)),
    ...listFolder(BPF_FS, 'pinned BPF object').filter((pin) => !ofTheKernel.test(pin)),
    ...(await listPrograms(new Set(processes.keys()))),
    ...[...processes].map(([pid, command]) => `process ${pid}: ${command}`),
  ];
  return new Set(things);
}

/** What is there that was not there before and does not go away by itself. */
export async function findLeftovers(before: Snapshot, patienceMillis = 60_000): Promise<string[]> {
  const deadline = performance.now() + patienceMillis;
  for (let left: string[] | undefined; ; ) {
    const now = await takeSnapshot();
    left = (left ?? [...now]).filter((thing) => now.has(thing) && !before.has(thing));
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(intervalMillis);
  }
}

/** Ends what is left of the processes started since markChildren(): they hold programs and namespaces. */
export function endMarkedProcesses(): void {
  for (const pid of listMarked().keys()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

function listFolder(path: string, kind: string): string[] {
  try {
    return readdirSync(path, { recursive: true }).map((name) => `${kind} ${join(path, String(name))}`);
  } catch {
    // Not there, or not for us to read: then nothing of ours is in it.
    return [];
  }
}

async function listLines(
  file: string,
  args: readonly string[],
  kind: string,
  getName: (line: string) => string | undefined,
): Promise<string[]> {
  const { status, stdout } = await tryExec(file, args);
  if (status !== 0) return [];
  return stdout.split('\n').flatMap((line) => {
    const name = getName(line);
    return name === undefined ? [] : [`${kind} ${name}`];
  });
}

/** `3: veth1a@if2: <…` is veth1a. */
function linkName(line: string): string | undefined {
  return /^\d+: ([^:@]+)/.exec(line)?.[1];
}

function clsactName(line: string): string | undefined {
  return /^qdisc (clsact \S+ dev \S+)/.exec(line)?.[1];
}

/**
 * Programs of our names, but for those that only processes of somebody else hold. bpftool needs root: without,
 * there are none.
 */
async function listPrograms(ours: ReadonlySet<number>): Promise<string[]> {
  const { status, stdout } = await tryExec('bpftool', ['-j', 'prog', 'show']).catch(() => notRun);
  if (status !== 0) return [];
  const all = JSON.parse(stdout) as { id: number; name?: string }[];
  const programs = all.filter(({ name }) => name?.startsWith('hopspan'));
  const holders = programs.length === 0 ? new Map<number, number[]>() : findProgramHolders();
  return programs
    .filter(({ id }) => holders.get(id)?.some((pid) => ours.has(pid)) ?? true)
    .map(({ id, name }) => `BPF program ${id} (${name})`);
}

/** The processes that hold each BPF program, by its id, also through a link. */
function findProgramHolders(): Map<number, number[]> {
  const holders = new Map<number, number[]>();
  for (const pid of listPids()) {
    for (const fd of listFds(pid)) {
      const id = Number(/^prog_id:\s*(\d+)$/m.exec(readProc(pid, `fdinfo/${fd}`))?.[1] ?? 0);
      if (id !== 0) holders.set(id, [...(holders.get(id) ?? []), pid]);
    }
  }
  return holders;
}

function listMarked(): Map<number, string> {
  const marked = new Map<number, string>();
  for (const pid of listPids()) {
    if (!readProc(pid, 'environ').split('\0').includes(`${markName}=${mark}`)) continue;
    marked.set(pid, readProc(pid, 'cmdline').replaceAll('\0', ' ').trim());
  }
  return marked;
}

function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** File descriptors that are BPF objects. Empty, like the next, for a process that has ended or is not ours. */
function listFds(pid: number): string[] {
  try {
    const folder = join('/proc', String(pid), 'fd');
    return readdirSync(folder).filter((fd) => readlinkSync(join(folder, fd)).startsWith('anon_inode:bpf'));
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return '';
  }
}
