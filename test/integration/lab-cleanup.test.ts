// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';
const OWNER = fileURLToPath(new URL('../fixtures/lab/owner.ts', import.meta.url));
const GONE_WITHIN_MILLIS = 60_000;

/** What owner.ts prints: its own id and that of every process in its lab. */
interface Report {
  pid: number;
  pids: number[];
}

/** A process by something that a later one with the same id does not share. */
type Identity = readonly [pid: number, startTime: string];

async function reportOf(child: ChildProcess): Promise<Report> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line.startsWith('{')) return JSON.parse(line) as Report;
  }
  throw new Error('the owner printed no report');
}

function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] as string);
  } catch {
    return '';
  }
}

/** @returns the ids of those that are still there when the time is up */
async function survivors(processes: readonly Identity[]): Promise<number[]> {
  const deadline = performance.now() + GONE_WITHIN_MILLIS;
  for (;;) {
    const left = processes
      .filter(([pid, time]) => time !== '' && startTime(pid) === time)
      .map(([pid]) => pid);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(20);
  }
}

function startOwner(how: string, scratch: string): ChildProcess {
  return spawn(process.execPath, [OWNER, how], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TMPDIR: scratch },
  });
}

/** @returns what is left in the folder when the time is up */
async function leftIn(scratch: string): Promise<string[]> {
  const deadline = performance.now() + GONE_WITHIN_MILLIS;
  while (readdirSync(scratch).length > 0 && performance.now() < deadline) await sleep(20);
  return readdirSync(scratch);
}

describe('A lab whose owner ends', { skip }, () => {
  let scratch: string;
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'hopspan-cleanup-'));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
    it(`is gone after ${signal}, children of its processes included`, async () => {
      const owner = startOwner('wait', scratch);
      const { pids } = await reportOf(owner);
      const processes = pids.map((pid) => [pid, startTime(pid)] as const);
      assert.equal(processes.length, 5, 'three holders, a shell and its sleep');
      owner.kill(signal);
      assert.deepEqual(await survivors(processes), []);
      assert.deepEqual(await leftIn(scratch), [], 'its folder is gone, too');
    });
  }

  for (const how of ['throw', 'exit', 'return', 'destroy']) {
    it(`is gone after the owner's ${how}`, async () => {
      const owner = startOwner(how, scratch);
      const ended = once(owner, 'exit');
      const { pids } = await reportOf(owner);
      await ended;
      assert.deepEqual(await survivors(pids.map((pid) => [pid, startTime(pid)] as const)), []);
    });
  }

  it('is gone after SIGKILL to the npm that runs the owner', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hopspan-lab-'));
    try {
      const script = `sh -c '"${process.execPath}" "${OWNER}" wait; true'`;
      await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { owner: script } }));
      const npm = spawn('npm', ['run', '--silent', 'owner'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { pid, pids } = await reportOf(npm);
      const processes = [pid, ...pids].map((id) => [id, startTime(id)] as const);
      npm.kill('SIGKILL');
      assert.deepEqual(await survivors(processes), []);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('loses its namespaces after SIGKILL to both the owner and the warden', async () => {
    const owner = startOwner('wait', scratch);
    const { pids } = await reportOf(owner);
    const processes = pids.map((pid) => [pid, startTime(pid)] as const);
    const holders = processes.filter(
      ([pid]) => readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\0infinity\0',
    );
    assert.equal(holders.length, 3);
    const warden = childrenOf(owner.pid as number).filter((pid) => !pids.includes(pid));
    owner.kill('SIGKILL');
    for (const pid of warden) process.kill(pid, 'SIGKILL');
    assert.deepEqual(await survivors(holders), []);
    // Grandchildren are the warden's to find; in its place they are ours.
    for (const pid of processes.filter(isSame).map(([id]) => id)) process.kill(pid, 'SIGKILL');
  });
});

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

function isSame([pid, time]: Identity): boolean {
  return time !== '' && startTime(pid) === time;
}
