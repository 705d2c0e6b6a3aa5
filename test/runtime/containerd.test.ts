// SPDX-License-Identifier: Apache-2.0
// Pods of a real containerd, attached by real CNI plugins: which device is whose.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Lab } from '../lab/index.ts';
import { type CniNetwork, Containerd } from './containerd.ts';
import { findVports, type VportsAnswer } from './find-vports.ts';
import { Machine } from './machine.ts';

const ipam = (subnet: string) => ({
  type: 'host-local',
  ranges: [[{ subnet }]],
  routes: [{ dst: '0.0.0.0/0' }],
});
const bridge: CniNetwork = {
  name: 'bridge-net',
  plugin: { type: 'bridge', bridge: 'cni0', isGateway: true, ipam: ipam('10.88.0.0/24') },
};
const ptp: CniNetwork = { name: 'ptp-net', plugin: { type: 'ptp', ipam: ipam('10.89.0.0/24') } };
const macvlan: CniNetwork = {
  name: 'macvlan-net',
  plugin: { type: 'macvlan', master: 'eth0', ipam: ipam('10.90.0.0/24') },
};
const STRATEGIES = ['host_route', 'cni_name', 'namespace', 'bridge_port'] as const;

interface Link {
  readonly ifindex: number;
  readonly link_index?: number;
}

describe('pods of containerd', () => {
  let lab: Lab;
  let machine: Machine;
  let containerd: Containerd;
  before(async () => {
    lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    machine = await Machine.start(lab, 'node1');
    containerd = await Containerd.start(machine);
  });
  after(() => lab.destroy());

  const look = (): Promise<VportsAnswer> =>
    findVports(machine, { cri: containerd.endpoint, strategies: STRATEGIES });

  /** The other end of a pod's eth0, as the pod sees it. */
  async function iflink({ containers }: VportsAnswer, name: string): Promise<number> {
    const path = containers.find((each) => each.name === name)?.namespacePath ?? '';
    const [link] = JSON.parse(
      await machine.run('nsenter', `--net=${path}`, 'ip', '-j', 'link', 'show', 'eth0'),
    ) as Link[];
    return link?.link_index ?? 0;
  }

  it('are found on a bridge by namespace, and by the bridge once they have spoken', async () => {
    await containerd.useNetwork(bridge);
    await containerd.runPod({ name: 'on-bridge', uid: 'b1' });
    const quiet = await look();
    const mine = [await iflink(quiet, 'on-bridge')];
    assert.deepEqual(quiet.found.namespace?.['on-bridge'], mine);
    assert.deepEqual(quiet.found.all?.['on-bridge'], mine);
    assert.equal(quiet.found.host_route?.['on-bridge'], 'not_found');
    const { addresses, namespacePath = '', pod } = quiet.containers[0] ?? {};
    assert.deepEqual(pod, { name: 'on-bridge', uid: 'b1', namespace: 'default' });
    const gateway = '10.88.0.1';
    const speak = [
      'nsenter',
      `--net=${namespacePath}`,
      '/bin/busybox',
      'nc',
      '-w',
      '60',
      gateway,
      '9',
    ] as const;
    await assert.rejects(machine.run(...speak), /refused/);
    const { found } = await look();
    assert.deepEqual(found.bridge_port?.['on-bridge'], mine, `${addresses}`);
  });

  it('are found with ptp by the route to their address', async () => {
    await containerd.useNetwork(ptp);
    await containerd.runPod({ name: 'on-ptp', uid: 'p1' });
    const answer = await look();
    const mine = [await iflink(answer, 'on-ptp')];
    assert.deepEqual(answer.found.host_route?.['on-ptp'], mine);
    assert.deepEqual(answer.found.namespace?.['on-ptp'], mine);
    assert.deepEqual(answer.found.all?.['on-ptp'], mine);
    assert.equal(answer.found.cni_name?.['on-ptp'], 'not_found', 'ptp gives a name of its own');
  });

  it('are known to have no vport with macvlan, and in the network of the node', async () => {
    await containerd.useNetwork(macvlan);
    await containerd.runPod({ name: 'on-macvlan', uid: 'm1' });
    await containerd.runPod({ name: 'on-host', uid: 'h1', hostNetwork: true });
    const { found } = await look();
    assert.equal(found.namespace?.['on-macvlan'], 'macvlan');
    assert.equal(found.all?.['on-macvlan'], 'macvlan');
    assert.equal(found.all?.['on-host'], 'host_network');
  });

  it('are forgotten when they end, and a later pod with the same address is found by its own device', async () => {
    await containerd.useNetwork(ptp);
    const id = await containerd.runPod({ name: 'early', uid: 'e1' });
    const before = await look();
    const early = before.found.all?.early;
    await containerd.removePod(id);
    await containerd.runPod({ name: 'late', uid: 'l1' });
    const after_ = await look();
    assert.equal('early' in (after_.found.all ?? {}), false);
    assert.deepEqual(after_.found.all?.late, [await iflink(after_, 'late')]);
    assert.notDeepEqual(after_.found.all?.late, early);
  });
});
