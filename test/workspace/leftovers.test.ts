// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isOnPath } from '../../scripts/lib/exec.ts';
import { findLeftovers, markChildren, takeSnapshot } from '../../scripts/lib/leftovers.ts';

const needsRoot = process.getuid?.() === 0 ? false : 'needs root';
const needsBpftool = isOnPath('bpftool') ? false : 'needs bpftool';

/** The smallest program that the kernel takes, under one of our names. */
const source = `
__attribute__((section("classifier"), used)) int hopspan_left(void *skb) { return 0; }
char _license[] __attribute__((section("license"), used)) = "GPL";`;

function compile(folder: string): string {
  const object = join(folder, 'left.o');
  writeFileSync(join(folder, 'left.c'), source);
  execFileSync('clang-19', ['-O2', '-g', '-target', 'bpf', '-c', join(folder, 'left.c'), '-o', object]);
  return object;
}

describe('findLeftovers', () => {
  it('finds a process that outlives the run, and not one that ends in time', async () => {
    const before = await takeSnapshot();
    markChildren();
    const quick = spawn('sleep', ['0.3'], { stdio: 'ignore' });
    const slow = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    try {
      const left = (await findLeftovers(before, 5000)).filter((thing) => thing.startsWith('process '));
      assert.deepEqual(left, [`process ${slow.pid}: sleep 60`]);
    } finally {
      slow.kill('SIGKILL');
      await once(slow, 'close');
      quick.kill('SIGKILL');
    }
  });

  it('finds a BPF program that no process holds', { skip: needsRoot || needsBpftool }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-leftovers-'));
    const object = compile(folder);
    const mountPoint = join(folder, 'bpf');
    mkdirSync(mountPoint);
    const before = await takeSnapshot();
    // A file system of its own: bpftool would mount one at /sys/fs/bpf where there is none.
    execFileSync('mount', ['-t', 'bpf', 'bpf', mountPoint]);
    try {
      execFileSync('bpftool', ['prog', 'load', object, join(mountPoint, 'pin'), 'type', 'classifier']);
      assert.match((await findLeftovers(before, 0)).join('\n'), /^BPF program \d+ \(hopspan_left\)$/m);
    } finally {
      execFileSync('umount', [mountPoint]);
      rmSync(folder, { recursive: true });
    }
  });

  it('finds a network namespace and a link', { skip: needsRoot }, async () => {
    const name = `hsl${process.pid}`;
    const before = await takeSnapshot();
    execFileSync('ip', ['netns', 'add', name]);
    try {
      execFileSync('ip', ['link', 'add', name, 'type', 'veth', 'peer', `${name}p`]);
      const left = await findLeftovers(before, 0);
      assert.ok(left.includes(`network namespace /run/netns/${name}`));
      assert.ok(left.includes(`link ${name}`));
    } finally {
      spawnSync('ip', ['link', 'del', name]);
      execFileSync('ip', ['netns', 'del', name]);
    }
  });
});
