// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { cniDeviceName, VportTable } from '../../src/index.ts';
import { FakeNetwork, veth } from './fake-network.ts';

describe('a vport by the name its CNI plugin gives', () => {
  it('is the prefix and eleven digits of the SHA-1 of namespace.name, as sha1sum has it', () => {
    const hash = execFileSync('sha1sum', { input: 'default.reviews-v1-7d9f', encoding: 'utf8' }).slice(0, 11);
    assert.equal(cniDeviceName('cali', 'default', 'reviews-v1-7d9f'), `cali${hash}`);
  });

  for (const prefix of ['cali', 'eni', 'vlan', 'gke', 'azv']) {
    it(`is found with ${prefix}`, () => {
      const link = veth(4, cniDeviceName(prefix, 'shop', 'cart-0'));
      const table = new VportTable({
        network: new FakeNetwork([veth(3, `${prefix}0`), link]),
        strategies: ['cni_name'],
      });
      table.update([
        { id: 'a', namespace: 'shop', name: 'cart-0', addresses: ['10.0.0.1'] },
        { id: 'b', namespace: 'shop', name: 'cart-1', addresses: ['10.0.0.2'] },
        { id: 'c', addresses: ['10.0.0.3'] },
      ]);
      assert.deepEqual(table.get('a'), { strategy: 'cni_name', links: [link] });
      assert.deepEqual([table.get('b'), table.get('c')], [{ reason: 'not_found' }, { reason: 'not_found' }]);
    });
  }

  it('must be a veth: a name alone proves nothing', () => {
    const link = { ifindex: 4, ifname: cniDeviceName('eni', 'shop', 'cart-0') };
    const table = new VportTable({ network: new FakeNetwork([link]) });
    table.update([{ id: 'a', namespace: 'shop', name: 'cart-0', addresses: ['10.0.0.1'] }]);
    assert.deepEqual(table.get('a'), { reason: 'not_found' });
  });
});
