// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode } from '../lab/index.ts';
import { Overlay } from './overlay.ts';

const tcx = ['receivers::ebpf_hops::attach=tcx'];
const clsact = ['receivers::ebpf_hops::attach=clsact'];

describe('an agent that is killed', () => {
  it('leaves no program behind on the tcx path, and the next one misses nothing', async () => {
    await using overlay = await Overlay.create({ set: tcx });
    const far = await overlay.startAgent('node2');
    const first = await overlay.startAgent('node1');
    const programs = programsOf(first.process.pid);
    assert.ok(programs.length >= 2, 'the agent holds its programs');
    await first.kill();
    await waitUntil(() => programs.every((id) => !programExists(id)), 'its programs are gone');
    const second = await overlay.startAgent('node1');
    const { contexts } = await overlay.send(overlay.far, { count: 200 });
    await Promise.all([second.stop(), far.stop()]);
    const hops = overlay.hops();
    for (const context of contexts) assert.equal(hops.get(context)?.length, 4, context);
  });

  it('leaves filters on the clsact path, which the next one replaces and then removes', async () => {
    await using overlay = await Overlay.create({ set: clsact });
    const node = overlay.lab.node('node1');
    const devices = [node.nicName, ...node.vports()];
    const first = await overlay.startAgent('node1');
    assert.deepEqual(
      await filterCounts(node, devices),
      devices.map(() => [1, 1]),
    );
    const stale = await filterPrograms(node, node.nicName);
    await first.kill();
    assert.deepEqual(
      await filterCounts(node, devices),
      devices.map(() => [1, 1]),
      'filters outlive the process',
    );
    const second = await overlay.startAgent('node1');
    assert.deepEqual(
      await filterCounts(node, devices),
      devices.map(() => [1, 1]),
      'replaced, not doubled',
    );
    assert.notDeepEqual(await filterPrograms(node, node.nicName), stale);
    const { contexts } = await overlay.send(overlay.near, { count: 50 });
    await second.stop();
    const hops = overlay.hops();
    for (const context of contexts) assert.equal(hops.get(context)?.length, 2, context);
    for (const device of devices) {
      const { stdout } = await node.exec('tc', ['qdisc', 'show', 'dev', device]);
      assert.doesNotMatch(stdout, /clsact/, `${device} is as it was`);
    }
  });

  it('never touches what others have attached', async () => {
    await using overlay = await Overlay.create({ set: clsact });
    const node = overlay.lab.node('node1');
    await node.exec('tc', ['qdisc', 'add', 'dev', 'eth0', 'clsact']);
    const theirs = 'dev eth0 ingress prio 7 handle 1 protocol all bpf da bytecode'.split(' ');
    theirs.push('1,6 0 0 4294967295');
    assert.equal((await node.exec('tc', ['filter', 'add', ...theirs])).code, 0);
    const before = (await node.exec('tc', ['filter', 'show', 'dev', 'eth0', 'ingress'])).stdout;
    const first = await overlay.startAgent('node1');
    await first.kill();
    const second = await overlay.startAgent('node1');
    await second.stop();
    assert.equal((await node.exec('tc', ['filter', 'show', 'dev', 'eth0', 'ingress'])).stdout, before);
    assert.match(
      (await node.exec('tc', ['qdisc', 'show', 'dev', 'eth0'])).stdout,
      /clsact/,
      'it is not our qdisc',
    );
  });
});

/** Ids of the programs a process holds, as proc(5) tells in fdinfo. */
function programsOf(pid: number): number[] {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder).flatMap((fd) => {
    const id = /^prog_id:\t(\d+)$/m.exec(readIfThere(`${folder}/${fd}`))?.[1];
    return id === undefined ? [] : [Number(id)];
  });
}

/** A descriptor may be closed while we look: that of a file the process reads, for example. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function programExists(id: number): boolean {
  const programs = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' })) as {
    id: number;
  }[];
  return programs.some((program) => program.id === id);
}

async function filterLines(node: LabNode, device: string, hook: string): Promise<string[]> {
  const { stdout } = await node.exec('tc', ['filter', 'show', 'dev', device, hook]);
  return stdout.split('\n').filter((line) => line.includes('hopspan'));
}

/** Our filters on each device, at ingress and egress. */
function filterCounts(node: LabNode, devices: readonly string[]): Promise<number[][]> {
  return Promise.all(
    devices.map((device) =>
      Promise.all(['ingress', 'egress'].map(async (hook) => (await filterLines(node, device, hook)).length)),
    ),
  );
}

/** Ids of the programs behind our filters. */
async function filterPrograms(node: LabNode, device: string): Promise<string[]> {
  const lines = [
    ...(await filterLines(node, device, 'ingress')),
    ...(await filterLines(node, device, 'egress')),
  ];
  return lines.map((line) => /\bid (\d+)/.exec(line)?.[1] ?? line);
}

async function waitUntil(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (condition()) return;
    await sleep(50);
  }
  assert.fail(`not within a minute: ${what}`);
}
