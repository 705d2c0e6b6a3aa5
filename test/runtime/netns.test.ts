// SPDX-License-Identifier: Apache-2.0
// Network namespaces without any runtime, as `ip netns` makes them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Lab } from '../lab/index.ts';
import { findVports } from './find-vports.ts';
import { Machine } from './machine.ts';

describe('bare network namespaces', () => {
  let lab: Lab;
  let machine: Machine;
  before(async () => {
    lab = await Lab.create({ nodes: [{ name: 'node1' }] });
    machine = await Machine.start(lab, 'node1');
  });
  after(() => lab.destroy());

  it('have the veths that lead into them, all of them, and no others', async () => {
    for (const name of ['blue', 'green', 'empty']) await machine.run('ip', 'netns', 'add', name);
    const veth = (vport: string, netns: string, ifname: string) =>
      machine.run('ip', 'link', 'add', vport, 'type', 'veth', 'peer', 'name', ifname, 'netns', netns);
    await veth('veth1', 'blue', 'eth0');
    await veth('veth2', 'blue', 'eth1');
    await veth('veth3', 'green', 'eth0');
    const links = JSON.parse(await machine.run('ip', '-j', 'link')) as { ifindex: number; ifname: string }[];
    const indexOf = (name: string) => links.find(({ ifname }) => ifname === name)?.ifindex;
    const { found } = await findVports(machine, { netns: '/run/netns', strategies: ['namespace'] });
    assert.deepEqual(found.all, {
      blue: [indexOf('veth1'), indexOf('veth2')],
      green: [indexOf('veth3')],
      empty: 'no_address',
    });
    assert.deepEqual(found.namespace, found.all);
  });
});
