// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findVmObstacle, runInVm } from './vm.ts';

const skip = findVmObstacle() ?? false;

/** Waits for what a predicate finds, for at most three minutes: to unpack and pack what is booted takes its time. */
async function until<T>(find: () => T | undefined): Promise<T> {
  for (let i = 0; i < 1800; i++) {
    const found = find();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error(`nothing within three minutes: ${find}`);
}

function childOf(pid: number): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return child === '' ? undefined : Number(child);
}

describe('runInVm', { skip }, () => {
  it('hands back output and exit status of a command that reads this tree and cannot write it', async () => {
    const command =
      'uname -r; test -e test/kernels/vm.ts || exit 1; touch made-by-vm 2>&1; touch /tmp/own && exit 7';
    const { exitCode, output } = await runInVm({ kernel: '6.12', command });
    assert.match(output, /^6\.12\.\d+\S*\n.*made-by-vm.*Read-only file system\n$/);
    assert.equal(exitCode, 7);
    assert.equal(existsSync('made-by-vm'), false);
  });

  it('gives up when the time is over, and tells what was printed so far', async () => {
    const command = 'sleep 1000';
    await assert.rejects(
      runInVm({ kernel: '6.12', command, timeoutMillis: 1000 }),
      /ran out of time \(1000 ms\)/,
    );
  });

  it('ends with the process that started it', async () => {
    const url = new URL('vm.ts', import.meta.url).href;
    const script = `import { runInVm } from '${url}'; await runInVm({ kernel: '6.12', command: 'sleep 1000' });`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const { pid = 0 } = owner;
    // Others of its children unpack and pack what is booted.
    const machine = await until(() => {
      const child = childOf(pid);
      return child !== undefined && commandOf(child).includes('qemu') ? child : undefined;
    });
    const ended = once(owner, 'exit');
    owner.kill('SIGKILL');
    await ended;
    await until(() => (commandOf(machine).includes('qemu') ? undefined : true));
  });
});

/** Empty when it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
