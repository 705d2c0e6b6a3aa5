// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CidrMap } from '../../src/index/cidr-map.ts';

describe('CidrMap', () => {
  it('finds the longest prefix, in both families', () => {
    const map = new CidrMap<string>();
    for (const [cidr, value] of [
      ['10.0.0.0/8', 'all'],
      ['10.244.1.0/24', 'one'],
      ['fd00:244::/32', 'wide'],
      ['fd00:244:1::/64', 'narrow'],
    ] as const) {
      assert.equal(map.set(cidr, value), true);
    }
    assert.deepEqual(
      ['10.244.1.255', '10.244.2.0', '11.0.0.1', 'fd00:244:1::7', 'fd00:244:2::7', 'fe80::1%eth0'].map((a) =>
        map.get(a),
      ),
      ['one', 'all', undefined, 'narrow', 'wide', undefined],
    );
  });

  it('forgets a prefix, but not one that has been given to somebody else', () => {
    const map = new CidrMap<string>();
    map.set('10.244.1.0/24', 'old');
    map.set('10.244.1.0/24', 'new');
    map.delete('10.244.1.0/24', 'old');
    assert.equal(map.get('10.244.1.1'), 'new');
    map.delete('10.244.1.0/24', 'new');
    assert.equal(map.get('10.244.1.1'), undefined);
  });

  it('refuses what is no prefix', () => {
    const map = new CidrMap<string>();
    for (const cidr of ['', '10.0.0.0', '10.0.0.0/33', '10.0.0/8', '::/129', 'x/8'])
      assert.equal(map.set(cidr, 'x'), false);
  });

  it('agrees with net.BlockList on every address', () => {
    const ip = (v6: boolean) => (v6 ? fc.ipV6() : fc.ipV4());
    const cases = fc
      .boolean()
      .chain((v6) => fc.tuple(fc.constant(v6), ip(v6), fc.nat(v6 ? 128 : 32), ip(v6)));
    fc.assert(
      fc.property(cases, ([v6, network, length, address]) => {
        const family = v6 ? 'ipv6' : 'ipv4';
        const list = new BlockList();
        list.addSubnet(network, length, family);
        const map = new CidrMap<string>();
        map.set(`${network}/${length}`, 'yes');
        for (const probe of [address, network])
          assert.equal(
            map.get(probe) === 'yes',
            list.check(probe, family),
            `${probe} in ${network}/${length}`,
          );
      }),
    );
  });
});
