// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VportTable } from '../../src/index.ts';
import { FakeNetwork, veth } from './fake-network.ts';

describe('a vport by bridge and neighbour table', () => {
  const cni0 = { ifindex: 2, ifname: 'cni0', kind: 'bridge' };
  const docker0 = { ifindex: 3, ifname: 'docker0', kind: 'bridge' };
  const eth0 = { ifindex: 4, ifname: 'eth0' };
  const ports = [veth(5, 'veth5', { master: 2 }), veth(6, 'veth6', { master: 3 }), veth(7, 'veth7')] as const;
  const mac = '02:00:00:00:00:01';

  function find(change: (network: FakeNetwork) => void) {
    const network = new FakeNetwork([cni0, docker0, eth0, ...ports]);
    network.neighbourList = [{ address: '10.0.0.7', mac, ifindex: 2 }];
    network.forwardingList = [{ mac, ifindex: 5 }];
    change(network);
    const table = new VportTable({ network, strategies: ['bridge_port'] });
    table.update([{ id: 'a', addresses: ['10.0.0.7'] }]);
    return table.get('a');
  }

  it('is the port behind which the hardware address of its pod is', () => {
    assert.deepEqual(
      find(() => undefined),
      { strategy: 'bridge_port', links: [ports[0]] },
    );
  });

  it('is one of the bridge that the neighbour is on: hardware addresses may repeat on another', () => {
    const found = find((network) => network.forwardingList.push({ mac, ifindex: 6 }));
    assert.deepEqual(found, { strategy: 'bridge_port', links: [ports[0]] });
    const elsewhere = find((network) => {
      network.forwardingList = [{ mac, ifindex: 6 }];
    });
    assert.deepEqual(elsewhere, { reason: 'not_found' });
  });

  it('is not found for an address that was never spoken to, or that is on the uplink', () => {
    const silent = find((network) => {
      network.neighbourList = [];
    });
    const outside = find((network) => {
      network.neighbourList = [{ address: '10.0.0.7', mac, ifindex: 4 }];
    });
    const noPort = find((network) => {
      network.forwardingList = [{ mac, ifindex: 7 }];
    });
    assert.deepEqual([silent, outside, noPort], Array(3).fill({ reason: 'not_found' }));
  });
});
