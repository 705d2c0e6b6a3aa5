// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linkLayerOf } from '../src/link-layer.ts';

describe('linkLayerOf', () => {
  it('finds Ethernet headers at Ethernet and loopback devices', () => {
    assert.deepEqual([1, 772].map(linkLayerOf), ['ethernet', 'ethernet']);
  });

  it('finds none at ipip, ip6tnl, sit, gre, ip6gre, WireGuard and tun devices', () => {
    for (const type of [768, 769, 776, 778, 823, 65_534]) assert.equal(linkLayerOf(type), 'none', `${type}`);
  });
});
