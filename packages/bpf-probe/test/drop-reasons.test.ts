// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DropReasons } from '../src/drop-reasons.ts';
import { loadNative } from '../src/native.ts';

const names = { 2: 'SKB_DROP_REASON_NOT_SPECIFIED', 12: 'SKB_DROP_REASON_NETFILTER_DROP' };

describe('DropReasons', () => {
  it('names a reason as the kernel does, without the prefix, and asks the kernel once', () => {
    let asked = 0;
    const kernelEnum = () => {
      asked += 1;
      return names;
    };
    const reasons = new DropReasons({ kernelEnum });
    assert.deepEqual([reasons.nameOf(12), reasons.nameOf(2)], ['NETFILTER_DROP', 'NOT_SPECIFIED']);
    assert.equal(asked, 1);
  });

  it('gives the number of one it does not know, or where the kernel tells nothing', () => {
    assert.equal(new DropReasons({ kernelEnum: () => names }).nameOf(0x20001), '131073');
    assert.equal(new DropReasons({ kernelEnum: () => -2 }).nameOf(12), '12');
  });

  const skip = existsSync('/sys/kernel/btf/vmlinux') ? false : 'this kernel has no BTF';
  it('reads the enum of the running kernel', { skip }, () => {
    const found = loadNative().kernelEnum('skb_drop_reason');
    assert.ok(typeof found !== 'number');
    assert.ok(Object.values(found).includes('SKB_DROP_REASON_NETFILTER_DROP'));
    assert.equal(loadNative().kernelEnum('no_such_enum'), -2);
  });
});
