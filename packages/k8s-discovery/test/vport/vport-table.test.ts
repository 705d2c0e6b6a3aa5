// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type VportSubject, VportTable } from '../../src/index.ts';
import { FakeNetwork, hostRoute, veth } from './fake-network.ts';

const pod = (id: string, address: string, more: Partial<VportSubject> = {}): VportSubject => ({
  id,
  addresses: address === '' ? [] : [address],
  ...more,
});

/** Counters that are not 0. */
function counted(table: VportTable): Record<string, number> {
  return Object.fromEntries(Object.entries(table.counters()).filter(([, value]) => value !== 0));
}

describe('VportTable', () => {
  it('knows the owner of a device, and counts by strategy and by reason', () => {
    const network = new FakeNetwork([veth(5, 'cali1'), veth(6, 'veth6', { linkNamespace: 4 })]);
    network.routeList = [hostRoute('10.0.0.1', 5)];
    network.namespaces.set(100, 4);
    const table = new VportTable({ network });
    table.update([
      pod('a', '10.0.0.1'),
      pod('b', '10.0.0.2', { pid: 100 }),
      pod('c', '10.0.0.3'),
      pod('d', '192.0.2.1', { hostNetwork: true }),
      pod('e', ''),
    ]);
    assert.deepEqual([table.ownerOf(5), table.ownerOf(6), table.ownerOf(7)], ['a', 'b', undefined]);
    assert.deepEqual(table.devices(), ['cali1', 'veth6']);
    assert.deepEqual(counted(table), {
      vports_by_host_route: 1,
      vports_by_namespace: 1,
      no_vport_host_network: 1,
      no_vport_no_address: 1,
      no_vport_not_found: 1,
    });
    const unwatched = [...table.unwatched()].map(([reason, list]) => [reason, list.map(({ id }) => id)]);
    assert.deepEqual(Object.fromEntries(unwatched), {
      not_found: ['c'],
      host_network: ['d'],
      no_address: ['e'],
    });
  });

  it('takes all interfaces of a pod that has several', () => {
    const links = [
      veth(5, 'veth5', { linkNamespace: 4 }),
      veth(6, 'veth6', { linkNamespace: 4 }),
      veth(7, 'veth7', { linkNamespace: 5 }),
      { ifindex: 8, ifname: 'vx8', kind: 'vxlan', linkNamespace: 4 },
    ];
    const network = new FakeNetwork(links);
    network.routeList = [hostRoute('10.0.0.1', 5)];
    const table = new VportTable({ network });
    table.update([pod('a', '10.0.0.1')]);
    assert.deepEqual(
      [table.ownerOf(5), table.ownerOf(6), table.ownerOf(7), table.ownerOf(8)],
      ['a', 'a', undefined, undefined],
    );
  });

  it('tries the strategies in the order that was asked for, and no others', () => {
    const network = new FakeNetwork([veth(5, 'cali1'), veth(6, 'veth6', { linkNamespace: 4 })]);
    network.routeList = [hostRoute('10.0.0.1', 5)];
    network.namespaces.set(100, 4);
    const table = new VportTable({ network, strategies: ['namespace', 'host_route'] });
    table.update([pod('a', '10.0.0.1', { pid: 100 })]);
    assert.equal(table.ownerOf(6), 'a');
    const narrow = new VportTable({ network, strategies: ['bridge_port'] });
    narrow.update([pod('a', '10.0.0.1', { pid: 100 })]);
    assert.deepEqual(narrow.get('a'), { reason: 'not_found' });
  });

  it('finds a later pod with the same address by its own device', () => {
    const network = new FakeNetwork([veth(5, 'veth5')]);
    network.routeList = [hostRoute('10.0.0.1', 5)];
    const table = new VportTable({ network });
    table.update([pod('a', '10.0.0.1')]);
    network.linkList = [veth(6, 'veth5')];
    network.routeList = [hostRoute('10.0.0.1', 6)];
    table.update([pod('b', '10.0.0.1')]);
    assert.deepEqual([table.ownerOf(5), table.ownerOf(6), table.get('a')], ['a', 'b', undefined]);
  });

  it('looks again when the device, its name or the address has changed', () => {
    const network = new FakeNetwork([veth(5, 'veth5'), veth(6, 'veth6')]);
    network.routeList = [hostRoute('10.0.0.1', 5), hostRoute('10.0.0.2', 6)];
    const table = new VportTable({ network });
    table.update([pod('a', '10.0.0.1')]);
    table.update([pod('a', '10.0.0.2')]);
    assert.deepEqual([table.ownerOf(5), table.ownerOf(6)], [undefined, 'a']);
    network.linkList = [veth(5, 'veth5')];
    table.update([pod('a', '10.0.0.2')]);
    assert.deepEqual(
      [table.ownerOf(6), table.get('a')],
      ['a', { reason: 'not_found' }],
      'for hops on their way',
    );
  });

  it('gives a device that two claim to neither', () => {
    const network = new FakeNetwork([veth(5, 'veth5')]);
    network.routeList = [hostRoute('10.0.0.1', 5), hostRoute('10.0.0.2', 5)];
    const table = new VportTable({ network });
    table.update([pod('a', '10.0.0.1'), pod('b', '10.0.0.2')]);
    assert.deepEqual(
      [table.ownerOf(5), table.get('a'), table.get('b')],
      [undefined, { reason: 'not_found' }, { reason: 'not_found' }],
    );
    assert.equal(table.counters().vports_contradictory, 1);
  });

  it('reads each list at most once an update, and none but the devices when nothing has changed', () => {
    const pods = Array.from({ length: 250 }, (_, i) => pod(`p${i}`, `10.0.0.${i}`));
    const network = new FakeNetwork(pods.map((_, i) => veth(i + 10, `veth${i}`)));
    network.routeList = pods.map(({ addresses }, i) => hostRoute(addresses[0] ?? '', i + 10));
    const table = new VportTable({ network });
    table.update(pods);
    table.update(pods);
    assert.deepEqual(network.reads, { links: 2, routes: 1, neighbours: 0, forwarding: 0, namespaceId: 0 });
    table.update([...pods, pod('new', '10.0.1.1')]);
    assert.deepEqual(network.reads, { links: 3, routes: 2, neighbours: 1, forwarding: 1, namespaceId: 0 });
    assert.deepEqual(counted(table), { vports_by_host_route: 250, no_vport_not_found: 1 });
  });
});
