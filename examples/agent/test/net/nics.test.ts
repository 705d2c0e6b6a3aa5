// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkNics, findNics, type NodeView } from '../../src/net/nics.ts';

const links = [
  { ifindex: 1, ifname: 'lo', hardwareType: 772 },
  { ifindex: 2, ifname: 'eth0', hardwareType: 1, master: 9 },
  { ifindex: 3, ifname: 'eth1', hardwareType: 1, master: 9 },
  { ifindex: 4, ifname: 'eth2', hardwareType: 1, master: 10 },
  { ifindex: 9, ifname: 'bond0', hardwareType: 1, kind: 'bond' },
  { ifindex: 10, ifname: 'vmbr0', hardwareType: 1, kind: 'bridge' },
  { ifindex: 11, ifname: 'bond0.7', hardwareType: 1, kind: 'vlan', link: 9 },
  { ifindex: 12, ifname: 'cilium_host', hardwareType: 1, kind: 'veth' },
];

const route = (ifindex: number, more: Partial<NodeView['routes'][number]> = {}) =>
  ({ family: 4, prefixLength: 0, ifindex, table: 254, metric: 0, ...more }) as const;

function view(routes: NodeView['routes'], more: Partial<NodeView> = {}): NodeView {
  return { links, routes, addresses: {}, ...more };
}

describe('findNics', () => {
  it('takes the devices of all default routes, best first, IPv4 before IPv6, each once', () => {
    const routes = [
      route(4, { metric: 100 }),
      route(11, { metric: 10 }),
      route(4, { family: 6 }),
      route(10, { family: 6, metric: 5 }),
      route(10, { destination: '10.0.0.0', prefixLength: 8 }),
    ];
    assert.deepEqual(findNics(view(routes)), ['bond0.7', 'eth2', 'vmbr0']);
  });

  it('takes a bond for its parts, and a part of a bridge as it is', () => {
    assert.deepEqual(findNics(view([route(2), route(3), route(4)])), ['bond0', 'eth2']);
  });

  it('takes from other routing tables what leads out of the node, and no device of a CNI plugin', () => {
    const routes = [
      route(4),
      route(12, { table: 2005 }),
      route(11, { table: 100 }),
      route(1, { table: 100 }),
    ];
    assert.deepEqual(findNics(view(routes)), ['eth2', 'bond0.7']);
    assert.deepEqual(findNics(view([route(12)])), ['cilium_host'], 'but what the main table says counts');
  });

  it("adds the device that has the node's address", () => {
    const addresses = { eth2: ['192.0.2.1'], 'bond0.7': ['10.0.0.1', 'fd00::1'] };
    assert.deepEqual(findNics(view([route(4)], { addresses, nodeAddress: 'fd00::1' })), ['eth2', 'bond0.7']);
    assert.deepEqual(findNics(view([route(4)], { addresses, nodeAddress: '192.0.2.1' })), ['eth2']);
    assert.deepEqual(findNics(view([], { addresses, nodeAddress: '203.0.113.1' })), []);
  });
});

describe('checkNics', () => {
  const addresses = { eth2: ['192.0.2.1'] };
  it('is content with the right ones', () => {
    assert.deepEqual(checkNics(['eth2', 'bond0'], view([], { addresses, nodeAddress: '192.0.2.1' })), []);
    assert.deepEqual(checkNics(['bond0', 'eth0'], view([])), [], 'a part beside its bond is meant');
  });
  it('names the bond of a part', () => {
    assert.deepEqual(checkNics(['eth1'], view([])), [
      'eth1 is a part of bond0, which has the traffic of all its parts; name bond0',
    ]);
  });
  it("says where the node's address is", () => {
    const [warning] = checkNics(['bond0'], view([], { addresses, nodeAddress: '192.0.2.1' }));
    assert.match(warning ?? '', /192\.0\.2\.1 is on eth2, which is not watched/);
    const [missing] = checkNics(['bond0'], view([], { addresses, nodeAddress: '192.0.2.9' }));
    assert.match(missing ?? '', /no device has the node's address 192\.0\.2\.9; .*hostNetwork/);
  });
});
