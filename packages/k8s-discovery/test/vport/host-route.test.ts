// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VportTable } from '../../src/index.ts';
import { FakeNetwork, hostRoute, veth } from './fake-network.ts';

function find(network: FakeNetwork, ...addresses: string[]) {
  const table = new VportTable({ network, strategies: ['host_route'] });
  table.update([{ id: 'a', addresses }]);
  return table.get('a');
}

describe('a vport by the route to its pod', () => {
  const cali1 = veth(5, 'cali1');
  const links = [{ ifindex: 1, ifname: 'eth0' }, cali1, { ifindex: 9, ifname: 'tunl0', kind: 'ipip' }];

  it('is the device of the host route, of either family', () => {
    const network = new FakeNetwork(links);
    network.routeList = [hostRoute('10.0.0.7', 5), hostRoute('fd00::7', 5)];
    assert.deepEqual(find(network, '10.0.0.7'), { strategy: 'host_route', links: [cali1] });
    assert.deepEqual(find(network, 'fd00::7'), { strategy: 'host_route', links: [cali1] });
    assert.deepEqual(find(network, '10.0.0.7', 'fd00::7'), { strategy: 'host_route', links: [cali1] });
  });

  it('is not that of a route to a subnet, to another address, or by a tunnel', () => {
    const network = new FakeNetwork(links);
    network.routeList = [
      { family: 4, destination: '10.0.0.0', prefixLength: 24, ifindex: 5 },
      { family: 4, prefixLength: 0, ifindex: 1 },
      { family: 6, destination: 'fd00::7', prefixLength: 32, ifindex: 5 },
      hostRoute('10.0.0.8', 5),
      hostRoute('10.0.1.7', 9),
    ];
    for (const address of ['10.0.0.7', 'fd00::7', '10.0.1.7'])
      assert.deepEqual(find(network, address), { reason: 'not_found' }, address);
  });

  it('is no vport that packets pass when it is a netkit device', () => {
    const network = new FakeNetwork([{ ifindex: 3, ifname: 'lxc1', kind: 'netkit' }]);
    network.routeList = [hostRoute('10.0.0.7', 3)];
    assert.deepEqual(find(network, '10.0.0.7'), { reason: 'netkit' });
  });
});
