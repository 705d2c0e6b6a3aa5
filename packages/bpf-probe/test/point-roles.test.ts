// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveInterfaces, selectInterfaces } from '../src/interfaces.ts';
import type { NetworkInterface } from '../src/netlink/links.ts';
import { assignRoles, type WantedInterfaces } from '../src/point-roles.ts';

/** `cni0:bridge`, or `eth1::bond0` for a part of bond0. */
function devices(...texts: string[]): NetworkInterface[] {
  const names = texts.map((text) => text.split(':')[0]);
  return texts.map((text, i) => {
    const [ifname = '', kind, master] = text.split(':');
    return {
      ifindex: i + 1,
      ifname,
      hardwareType: 1,
      up: true,
      ...(kind ? { kind } : {}),
      ...(master ? { master: names.indexOf(master) + 1 } : {}),
    };
  });
}

function roles(
  wanted: Partial<WantedInterfaces>,
  existing: readonly NetworkInterface[],
): Record<string, string> {
  const assigned = assignRoles({ nic: [], vport: ['veth*'], ...wanted }, existing);
  return Object.fromEntries(
    existing.flatMap(({ ifname, ifindex }) => {
      const role = assigned.get(ifindex);
      return role === undefined ? [] : [[ifname, role]];
    }),
  );
}

const NODE = devices(
  'lo',
  'eth0',
  'veth1:veth:cni0',
  'cni0:bridge',
  'flannel.1:vxlan',
  'tunl0:ipip',
  'dummy0:dummy',
);
const ENDS = { eth0: 'nic', veth1: 'vport' };

describe('assignRoles', () => {
  it('has two points unless it is asked for more', () => {
    assert.deepEqual(roles({ nic: ['eth0'] }, NODE), ENDS);
    assert.deepEqual(roles({ nic: ['eth0'], points: 'two' }, NODE), ENDS);
  });

  it('takes every bridge and tunnel device when all are wanted', () => {
    const between = { cni0: 'bridge', 'flannel.1': 'tunnel', tunl0: 'tunnel' };
    assert.deepEqual(roles({ nic: ['eth0'], points: 'all' }, NODE), { ...ENDS, ...between });
  });

  it('takes those of a list, and of a glob only what lies between', () => {
    assert.deepEqual(roles({ nic: ['eth0'], points: ['cni0'] }, NODE), { ...ENDS, cni0: 'bridge' });
    assert.deepEqual(roles({ nic: ['eth0'], points: ['*0'] }, NODE), {
      ...ENDS,
      cni0: 'bridge',
      tunl0: 'tunnel',
    });
  });

  it('leaves a device the role it was given', () => {
    assert.deepEqual(roles({ nic: ['flannel.1'], points: 'all' }, NODE)['flannel.1'], 'nic');
    assert.deepEqual(roles({ vport: ['cni0'], points: 'all' }, NODE).cni0, 'vport');
  });

  it('takes a WireGuard device for a NIC: nobody below can read what it sends', () => {
    assert.deepEqual(roles({ nic: ['eth0'], points: 'all' }, devices('eth0', 'wg0:wireguard')), {
      eth0: 'nic',
      wg0: 'nic',
    });
  });

  const BOND = devices('eth0::bond0', 'eth1::bond0', 'bond0:bond', 'veth1:veth');

  it('has one point for a bond, whatever names its parts', () => {
    for (const nic of [['bond0'], ['bond0', 'eth0'], ['eth*', 'bond0']]) {
      assert.deepEqual(roles({ nic }, BOND), { bond0: 'nic', veth1: 'vport' });
    }
  });

  it('has the parts as NICs, and the bond before them, when the bond is a point of its own', () => {
    const parts = { bond0: 'bond', eth0: 'nic', eth1: 'nic', veth1: 'vport' };
    for (const nic of [['bond0'], ['eth0']]) {
      assert.deepEqual(roles({ nic, points: 'all' }, BOND), parts);
      assert.deepEqual(roles({ nic, points: ['bond0'] }, BOND), parts);
    }
  });

  it('has parts of a bond alone as NICs when only they are named', () => {
    assert.deepEqual(roles({ nic: ['eth0', 'eth1'] }, BOND), { eth0: 'nic', eth1: 'nic', veth1: 'vport' });
  });
});

describe('points of a list', () => {
  const resolve = (points: string[]) =>
    resolveInterfaces({ nic: ['eth0'], vport: ['veth*'], points }, NODE).map(({ ifname }) => ifname);

  it('must exist', () => {
    assert.throws(() => resolve(['flanel.1']), {
      code: 'HOPSPAN_ERR_NO_SUCH_INTERFACE',
      message: /no interface 'flanel.1'.*nearest: flannel.1/,
    });
  });

  it('must be something that lies between', () => {
    assert.throws(() => resolve(['dummy0']), {
      code: 'HOPSPAN_ERR_INVALID_OPTION',
      message: /option points is "dummy0 \(dummy\)"; it must be a list of bridges/,
    });
    assert.deepEqual(resolve(['eth0', 'veth1', 'cni0']), ['eth0', 'veth1', 'cni0']);
  });

  it('may be down when they are named', () => {
    const down = NODE.map((device) => ({ ...device, up: false }));
    const select = (points: WantedInterfaces['points']) =>
      selectInterfaces({ nic: ['eth0'], vport: ['veth1'], ...(points && { points }) }, down).length;
    assert.equal(select(['cni0']), 3);
    assert.equal(select('all'), 2);
  });
});
