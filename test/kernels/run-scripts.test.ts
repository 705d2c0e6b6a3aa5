// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crashedInGeneratedCode } from './run-scripts.ts';
import { findVmObstacle, runInVm } from './vm.ts';

const skip = findVmObstacle() ?? false;
const at = (...addresses: string[]): string =>
  ['Segmentation fault', ...addresses.map((address) => `[  430.484547] RIP: 0033:0x${address}`)].join('\n');

describe('a crash in the guest', () => {
  it('is not taken for a verdict in code that V8 generated', () => {
    assert.ok(crashedInGeneratedCode(at('7d9d79e800f')));
    assert.ok(crashedInGeneratedCode(at('cf0d84f40f3')));
  });

  it('is one in a library, in Node.js itself, or nobody knows where', () => {
    assert.ok(!crashedInGeneratedCode(at('7f3220745d40')));
    assert.ok(!crashedInGeneratedCode(at('1a2b3c4')));
    assert.ok(!crashedInGeneratedCode(at('7d9d79e800f', '7f3220745d40')));
    assert.ok(!crashedInGeneratedCode(at()));
    assert.ok(!crashedInGeneratedCode('{"step":"start"}'));
  });

  it('is told by the kernel, with its place', { skip }, async () => {
    const command = `node -e 'process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 60_000)'`;
    const { exitCode, output } = await runInVm({ kernel: '6.12', command });
    assert.equal(exitCode, 139);
    assert.match(output, /node: \S+: potentially unexpected fatal signal 11/);
    assert.match(output, /RIP: 0033:0x[0-9a-f]+/);
    assert.ok(!crashedInGeneratedCode(output), 'it was in the C library');
  });
});
