// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSystem, listInterfaces, nativeClockSource } from '../src/index.ts';
import { nativeSkipReason } from './fake-native.ts';

const skip = nativeSkipReason() ?? false;

describe('listInterfaces', { skip }, () => {
  it('finds the loopback device', () => {
    const loopback = listInterfaces().find(({ ifname }) => ifname === 'lo');
    assert.deepEqual([loopback?.ifindex, loopback?.hardwareType], [1, 772]);
  });
});

describe('nativeClockSource', { skip }, () => {
  it('reads the same monotonic clock as Node', () => {
    const before = process.hrtime.bigint();
    const between = nativeClockSource.monotonicNs();
    assert.ok(before <= between && between <= process.hrtime.bigint());
  });

  it('reads wall time', () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const between = nativeClockSource.realtimeNs();
    assert.ok(before <= between && between < (BigInt(Date.now()) + 1n) * 1_000_000n);
  });
});

describe('checkSystem', () => {
  it('answers for everything a probe needs, in words', () => {
    const checks = checkSystem();
    const names = checks.map(({ name }) => name);
    for (const name of ['platform', 'kernel', 'addon', 'bpf-object', 'cap_bpf', 'attach', 'btf']) {
      assert.ok(names.includes(name), name);
    }
    for (const { name, detail } of checks) assert.notEqual(detail, '', name);
  });
});
