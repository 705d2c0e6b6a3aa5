// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readPodInterfaces } from '../../src/index.ts';
import { findByNamespace } from '../../src/vport/namespace.ts';
import type { PodInterface } from '../../src/vport/pod-interfaces.ts';
import { NetworkSnapshot } from '../../src/vport/snapshot.ts';
import { FakeNetwork, veth } from './fake-network.ts';

const NIC_MAC = '02:00:00:00:00:99';
const links = [
  veth(5, 'veth5', { linkNamespace: 0 }),
  veth(6, 'veth6', { linkNamespace: 1 }),
  veth(7, 'veth7', { link: 2, linkNamespace: 9 }),
  { ifindex: 8, ifname: 'lxc8', kind: 'netkit', linkNamespace: 3 },
  { ifindex: 1, ifname: 'ens3', address: NIC_MAC },
];

const eth0 = (peerIfindex: number, more: Partial<PodInterface> = {}): PodInterface => ({
  ...{ ifname: 'eth0', ifindex: 2, peerIfindex, address: '02:00:00:00:00:01', hardware: false },
  ...more,
});
const addresses = ['10.0.0.7'];

function find(subject: { pid?: number; namespacePath?: string }, interfaces: readonly PodInterface[] = []) {
  const network = new FakeNetwork(links);
  network.namespaces = new Map<number | string, number>([
    [100, 0],
    ['/run/netns/blue', 1],
    [103, 3],
  ]);
  return findByNamespace({ id: 'a', addresses, ...subject }, new NetworkSnapshot(network), () => interfaces);
}

describe('a vport by the network namespace of its pod', () => {
  it('is what leads into that of the process, or of the path', () => {
    assert.deepEqual(find({ pid: 100 }), [links[0]]);
    assert.deepEqual(find({ namespacePath: '/run/netns/blue' }), [links[1]]);
    assert.deepEqual(
      find({ pid: 999, namespacePath: '/run/netns/blue' }),
      [links[1]],
      'the process has gone',
    );
    assert.equal(find({}), undefined);
  });

  it('is the other end of what the process sees, where the kernel has no id, if both say so', () => {
    assert.deepEqual(find({ pid: 101 }, [eth0(7)]), [links[2]]);
    assert.equal(
      find({ pid: 101 }, [eth0(7, { ifindex: 3 })]),
      'macvlan',
      'what is on a veth is not its other end',
    );
    assert.equal(find({ pid: 101 }, [eth0(70)]), undefined);
    assert.equal(find({ pid: 101 }), undefined);
  });

  it('is none, and it is said why, where the pod is attached by something else', () => {
    assert.equal(find({ pid: 101 }, [eth0(1)]), 'macvlan');
    assert.equal(find({ pid: 101 }, [eth0(1, { address: NIC_MAC })]), 'ipvlan');
    for (const type of ['macvlan', 'ipvlan', 'netkit'] as const)
      assert.equal(find({ pid: 101 }, [eth0(7, { type })]), type);
    assert.equal(find({ pid: 101 }, [eth0(2, { hardware: true })]), 'hardware');
    assert.equal(find({ pid: 103 }), 'netkit');
    assert.equal(find({ pid: 101 }, [eth0(2, { type: 'bridge' })]), undefined);
  });

  it('is the veth of a pod that has a macvlan interface besides', () => {
    assert.deepEqual(find({ pid: 101 }, [eth0(1, { ifname: 'net1', ifindex: 3 }), eth0(7)]), [links[2]]);
  });
});

describe('readPodInterfaces', () => {
  const proc = mkdtempSync(join(tmpdir(), 'hopspan-proc-'));
  after(() => rmSync(proc, { recursive: true }));
  const put = (ifname: string, files: Record<string, string>): void => {
    const folder = `${proc}/42/root/sys/class/net/${ifname}`;
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  };
  put('lo', { ifindex: '1\n', iflink: '1\n', address: '', uevent: 'INTERFACE=lo\nIFINDEX=1\n' });
  put('eth0', { ifindex: '2\n', iflink: '7\n', address: 'm2\n', uevent: 'INTERFACE=eth0\nIFINDEX=2\n' });
  put('net1', {
    ifindex: '3\n',
    iflink: '4\n',
    address: 'm3\n',
    device: '',
    uevent: 'DEVTYPE=macvlan\nINTERFACE=net1\n',
  });
  put('going', {});

  it('reads what sysfs has of each interface but loopback', () => {
    assert.deepEqual(
      readPodInterfaces(42, proc).toSorted((a, b) => a.ifindex - b.ifindex),
      [
        { ifname: 'eth0', ifindex: 2, peerIfindex: 7, address: 'm2', hardware: false },
        { ifname: 'net1', ifindex: 3, peerIfindex: 4, address: 'm3', hardware: true, type: 'macvlan' },
      ],
    );
  });

  it('has nothing of a process that has gone', () => assert.deepEqual(readPodInterfaces(43, proc), []));
});
