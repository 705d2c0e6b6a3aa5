// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveInterfaces, selectInterfaces } from '../src/interfaces.ts';

const existing = ['lo', 'eth0', 'eth1', 'veth12', 'veth3', 'cali+x', 'flannel.1'].map((ifname, i) => ({
  ifindex: i + 1,
  ifname,
  hardwareType: 1,
}));

function resolve(nic: string[], vport: string[], allowNone?: boolean): Record<string, string> {
  const watched = resolveInterfaces({ nic, vport }, existing, allowNone);
  return Object.fromEntries(watched.map(({ ifname, role }) => [ifname, role]));
}

describe('resolveInterfaces', () => {
  it('finds devices by name and by glob, with their index', () => {
    assert.deepEqual(resolve(['eth0'], ['veth*']), { eth0: 'nic', veth12: 'vport', veth3: 'vport' });
    assert.deepEqual(resolveInterfaces({ nic: ['eth1'], vport: [] }, existing), [
      { ifindex: 3, ifname: 'eth1', hardwareType: 1, role: 'nic' },
    ]);
  });

  it('takes ? for one character, and everything else as it is', () => {
    assert.deepEqual(resolve([], ['veth?']), { veth3: 'vport' });
    assert.deepEqual(resolve([], ['cali+*']), { 'cali+x': 'vport' });
    assert.throws(() => resolve([], ['flannelx1']), /flannel\.1/);
  });

  it('lets NIC patterns win over vport globs, and names over globs', () => {
    const roles = resolve(['eth*'], ['eth1', '*']);
    assert.deepEqual([roles.eth0, roles.eth1, roles.lo], ['nic', 'vport', 'vport']);
  });

  it('refuses a name that does not exist and names the nearest', () => {
    assert.throws(() => resolve(['eht0'], []), {
      code: 'HOPSPAN_ERR_NO_SUCH_INTERFACE',
      message: /no interface 'eht0'.*nearest: eth0, eth1/,
    });
  });

  it('lets a glob match nothing, as long as something is watched', () => {
    assert.deepEqual(resolve(['eth0'], ['lxc*']), { eth0: 'nic' });
    assert.throws(() => resolve(['ens*'], ['lxc*']), { code: 'HOPSPAN_ERR_NO_SUCH_INTERFACE' });
    assert.deepEqual(resolve(['ens*'], ['lxc*'], true), {});
  });
});

describe('selectInterfaces', () => {
  const devices = [
    { ifindex: 1, ifname: 'veth1', hardwareType: 1, up: false },
    { ifindex: 2, ifname: 'veth2', hardwareType: 1, up: true },
    { ifindex: 3, ifname: 'eth0', hardwareType: 1, up: false },
  ];
  const names = (vport: string[], watched?: Set<number>) =>
    selectInterfaces({ nic: ['eth0'], vport }, devices, watched).map(({ ifname }) => ifname);

  it('has NICs first, and of a glob only what is up or watched already', () => {
    assert.deepEqual(names(['veth*']), ['eth0', 'veth2']);
    assert.deepEqual(names(['veth*', 'veth1']), ['eth0', 'veth1', 'veth2']);
    assert.deepEqual(names(['veth*'], new Set([1])), ['eth0', 'veth1', 'veth2']);
  });
});
