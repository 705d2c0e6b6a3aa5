// SPDX-License-Identifier: Apache-2.0
// What the kernel says by rtnetlink, against what iproute2 prints.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type HostNetwork, openHostNetwork } from '../../src/host-network.ts';
import { addPeer, type Peer, run } from './network.ts';
import { enterPrivateNamespace } from './private-namespace.ts';

const skip = enterPrivateNamespace(import.meta.filename);

function json<T>(...command: readonly [string, ...string[]]): T[] {
  return JSON.parse(run(...command)) as T[];
}

describe('the host network', { skip }, () => {
  let host: HostNetwork;
  let peer: Peer;
  before(async () => {
    host = openHostNetwork();
    run('ip', 'link', 'set', 'lo', 'up');
    peer = await addPeer('pod0', 1);
    run('ip', 'link', 'add', 'br0', 'type', 'bridge');
    run('ip', 'link', 'set', 'br0', 'up');
    run('ip', 'link', 'set', 'pod0', 'master', 'br0');
    run('ip', 'address', 'add', '10.5.0.1/24', 'dev', 'br0');
    run('ip', 'link', 'add', 'both0', 'type', 'veth', 'peer', 'name', 'both1');
    run('ip', 'neighbor', 'add', '10.5.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'br0');
    run('bridge', 'fdb', 'add', '02:00:00:00:00:02', 'dev', 'pod0', 'master', 'static');
    run('ip', 'route', 'add', '10.6.0.1/32', 'dev', 'br0');
    const hops = ['nexthop', 'via', '10.5.0.3', 'nexthop', 'via', '10.5.0.4'];
    run('ip', 'route', 'add', 'default', 'metric', '7', ...hops);
    run('ip', 'route', 'add', '10.7.0.0/16', 'dev', 'br0', 'table', '1000');
    run('ip', 'route', 'add', 'blackhole', '10.8.0.0/16');
    run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=0');
    run('ip', '-6', 'route', 'add', '2001:db8::1/128', 'dev', 'br0');
  });
  after(() => peer.close());

  it('has the links that ip link has', () => {
    type Link = {
      ifindex: number;
      ifname: string;
      address: string;
      link_index?: number;
      link_netnsid?: number;
    };
    type Details = Link & {
      master?: string;
      link?: string;
      flags: string[];
      linkinfo?: { info_kind: string };
    };
    const theirs = json<Details>('ip', '-j', '-d', 'link');
    const indexOf = (name?: string) => theirs.find(({ ifname }) => ifname === name)?.ifindex;
    const expected = theirs.map((link) => ({
      ...{ ifindex: link.ifindex, ifname: link.ifname, up: link.flags.includes('UP'), address: link.address },
      ...{ kind: link.linkinfo?.info_kind, master: indexOf(link.master) },
      ...{ link: link.link_index ?? indexOf(link.link), linkNamespace: link.link_netnsid },
    }));
    const ours = host.links().map(({ hardwareType: _, ...rest }) => ({
      ...{ kind: undefined, master: undefined, link: undefined, linkNamespace: undefined },
      ...rest,
    }));
    assert.deepEqual(ours, expected);
    assert.deepEqual(
      host
        .links()
        .map(({ hardwareType }) => hardwareType)
        .includes(772),
      true,
    );
    assert.equal(ours.find(({ ifname }) => ifname === 'pod0')?.linkNamespace !== undefined, true);
  });

  it('has the routes: of hosts, of all tables, one for each next hop, and no other kind', () => {
    const br0 = host.links().find(({ ifname }) => ifname === 'br0')?.ifindex ?? 0;
    const routes = host.routes().filter(({ ifindex }) => ifindex === br0);
    const has = (route: object) =>
      routes.some((each) => JSON.stringify({ ...each, ...route }) === JSON.stringify(each));
    assert.ok(has({ family: 4, destination: '10.6.0.1', prefixLength: 32, table: 254 }));
    assert.ok(has({ family: 4, destination: '10.7.0.0', prefixLength: 16, table: 1000 }));
    assert.ok(has({ family: 6, destination: '2001:db8::1', prefixLength: 128 }));
    const defaults = routes.filter(({ destination }) => destination === undefined);
    assert.deepEqual(
      defaults.map(({ metric, prefixLength }) => [metric, prefixLength]),
      [
        [7, 0],
        [7, 0],
      ],
    );
    assert.equal(
      host.routes().some(({ destination }) => destination === '10.8.0.0'),
      false,
    );
  });

  it('knows neighbours, and behind which port of a bridge they are', () => {
    const byName = (name: string) => host.links().find(({ ifname }) => ifname === name)?.ifindex ?? 0;
    const mac = '02:00:00:00:00:02';
    assert.deepEqual(
      host.neighbours().filter(({ address }) => address === '10.5.0.2'),
      [{ address: '10.5.0.2', mac, ifindex: byName('br0') }],
    );
    assert.deepEqual(
      host.forwarding().filter((entry) => entry.mac === mac),
      [{ mac, ifindex: byName('pod0'), bridge: byName('br0') }],
    );
    const own = host.links().find(({ ifname }) => ifname === 'pod0')?.address;
    assert.equal(
      host.forwarding().some((entry) => entry.mac === own),
      false,
      'the address of the port itself',
    );
  });

  it('knows to which namespace a veth leads, by process and by path', () => {
    const { linkNamespace } = host.links().find(({ ifname }) => ifname === 'pod0') ?? {};
    assert.equal(host.namespaceId({ path: `/proc/${peer.pid}/ns/net` }), linkNamespace);
    assert.equal(host.namespaceId({ pid: peer.pid }), linkNamespace);
    assert.equal(host.namespaceId({ pid: process.pid }), undefined, 'no device leads to where it begins');
    assert.equal(host.namespaceId({ pid: 2 ** 22 + 1 }), undefined);
    assert.equal(host.namespaceId({ path: '/nowhere' }), undefined);
  });
});
