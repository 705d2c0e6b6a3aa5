// SPDX-License-Identifier: Apache-2.0
// More tracing points than NIC and vport: which hook of which device sees a request, and the hops that come of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Capture, type Passage } from '../lab/capture.ts';
import { balance, droppedBy, totalOf } from '../lab/conservation.ts';
import type { CollectedSpan, Lab, Namespace } from '../lab/index.ts';
import { Overlay, type OverlayOptions } from './overlay.ts';
import { assertFollows, inOrder, requestHops } from './passages.ts';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';
const COUNT = 20;

interface Scene {
  readonly pods: NonNullable<OverlayOptions['podAttachment']>;
  readonly points: string;
  readonly to: 'near' | 'far';
  /** The way through each node: device and hook of every point. */
  readonly ways: readonly (readonly string[])[];
  /** Span names on each node. */
  readonly names: readonly (readonly string[])[];
}

const scenes: readonly Scene[] = [
  {
    pods: 'routed',
    points: 'all',
    to: 'far',
    ways: [
      ['vethclient ingress', 'flannel.1 egress', 'eth0 egress'],
      ['eth0 ingress', 'flannel.1 ingress', 'vethfar egress'],
    ],
    names: [
      ['overlay vport→tunnel', 'overlay tunnel→nic'],
      ['overlay nic→tunnel', 'overlay tunnel→vport'],
    ],
  },
  {
    pods: 'routed',
    points: 'all',
    to: 'near',
    ways: [['vethclient ingress', 'vethnear egress'], []],
    names: [['overlay local'], []],
  },
  {
    pods: 'bridged',
    points: 'all',
    to: 'far',
    ways: [
      ['vethclient ingress', 'cni0 ingress', 'flannel.1 egress', 'eth0 egress'],
      ['eth0 ingress', 'flannel.1 ingress', 'cni0 egress', 'vethfar egress'],
    ],
    names: [
      ['overlay vport→bridge', 'overlay bridge→tunnel', 'overlay tunnel→nic'],
      ['overlay nic→tunnel', 'overlay tunnel→bridge', 'overlay bridge→vport'],
    ],
  },
  {
    // From port to port a bridge forwards without its own device.
    pods: 'bridged',
    points: 'all',
    to: 'near',
    ways: [['vethclient ingress', 'vethnear egress'], []],
    names: [['overlay local'], []],
  },
  {
    pods: 'bridged',
    points: '[cni0]',
    to: 'far',
    ways: [
      ['vethclient ingress', 'cni0 ingress', 'eth0 egress'],
      ['eth0 ingress', 'cni0 egress', 'vethfar egress'],
    ],
    names: [
      ['overlay vport→bridge', 'overlay bridge→nic'],
      ['overlay nic→bridge', 'overlay bridge→vport'],
    ],
  },
  {
    pods: 'bridged',
    points: 'two',
    to: 'far',
    ways: [
      ['vethclient ingress', 'eth0 egress'],
      ['eth0 ingress', 'vethfar egress'],
    ],
    names: [['overlay transmit'], ['overlay receive']],
  },
];

const BETWEEN: Readonly<Record<string, readonly string[]>> = {
  all: ['flannel.1', 'cni0'],
  '[cni0]': ['cni0'],
};

/** The time from the first point to the last, in nanoseconds. */
function lengthOf(hops: readonly CollectedSpan[]): bigint {
  const sorted = inOrder(hops);
  return (sorted.at(-1)?.endTimeUnixNano ?? 0n) - (sorted[0]?.startTimeUnixNano ?? 0n);
}

describe('tracing points', { skip }, () => {
  for (const { pods, points, to, ways, names } of scenes) {
    it(`${points}, ${pods} pods, ${to}: every request has the hops that tcpdump saw, and they tile`, async () => {
      await using overlay = await Overlay.create({
        podAttachment: pods,
        set: [`receivers::ebpf_hops::points=${points}`],
      });
      const { nodes } = overlay.lab;
      const agents = await overlay.startAgents();
      const captures = await Promise.all(nodes.map((node) => Capture.start(overlay.lab, node)));
      const { contexts, failed } = await overlay.send(overlay[to], { count: COUNT, concurrency: 4 });
      assert.equal(failed, 0);
      const passages = await Promise.all(captures.map((capture) => capture.stop()));
      const counters = await Promise.all(agents.map((agent) => agent.stop()));
      const spans = requestHops(overlay);
      for (const [i, node] of nodes.entries()) {
        const way = ways[i] ?? [];
        const watched = [node.nicName, ...node.vports(), ...(BETWEEN[points] ?? [])];
        for (const context of contexts) {
          const seen = (passages[i]?.get(context) ?? []) as Passage[];
          const here = seen.filter(({ device }) => watched.includes(device));
          assert.deepEqual(
            here.map(({ device, hook }) => `${device} ${hook}`),
            way,
            'tcpdump',
          );
          const hops = (spans.get(context) ?? []).filter(
            ({ resource }) => resource['k8s.node.name'] === node.name,
          );
          assert.deepEqual(
            inOrder(hops).map(({ name }) => name),
            names[i],
          );
          assertFollows(hops, seen, watched);
          const sum = hops.reduce((total, hop) => total + hop.endTimeUnixNano - hop.startTimeUnixNano, 0n);
          assert.equal(sum, lengthOf(hops), 'the hops add up to the way from end to end');
        }
      }
      for (const each of counters) {
        assert.deepEqual(
          balance(each).filter(({ residual }) => residual !== 0),
          [],
        );
        assert.equal(droppedBy(each), 0);
        const { first, completed } = totalOf(each);
        assert.equal(completed, first, 'every path came to its end');
      }
    });
  }

  it('follows a bridged pod to a service on its own bridge, which is routed: into the bridge device and out again', async () => {
    await using overlay = await Overlay.create({
      podAttachment: 'bridged',
      set: ['receivers::ebpf_hops::points=all'],
    });
    const { lab } = overlay;
    const node = lab.node('node1');
    // Masqueraded, or the answer would take the short way and nobody would translate it back.
    const rules = `table ip nat {
      chain in { type nat hook prerouting priority dstnat; ip daddr 10.96.0.10 dnat to ${lab.pod('near').address}; }
      chain out { type nat hook postrouting priority srcnat; ct status dnat masquerade; }
    }\n`;
    await run(node, 'nft', ['-f', '-'], rules);
    // Else the bridge itself translates, and its own device is passed by.
    const setting = '/proc/sys/net/bridge/bridge-nf-call-iptables';
    await run(node, 'sh', ['-ec', `test ! -e ${setting} || echo 0 > ${setting}`]);
    const [agent, capture] = await Promise.all([overlay.startAgent('node1'), Capture.start(lab, node)]);
    const { contexts, failed } = await overlay.send('http://10.96.0.10:8080/', { count: COUNT });
    assert.equal(failed, 0);
    const passages = await capture.stop();
    await agent.stop();
    const spans = requestHops(overlay);
    for (const context of contexts) {
      const hops = spans.get(context) ?? [];
      assertFollows(hops, passages.get(context) ?? [], ['cni0', ...node.vports()]);
      assert.deepEqual(
        inOrder(hops).map(({ name, attributes }) => [name, attributes['network.io.direction']]),
        [
          ['overlay vport→bridge', 'transmit'],
          ['overlay bridge→bridge', undefined],
          ['overlay bridge→vport', 'receive'],
        ],
      );
    }
  });
});

describe('several devices in one role', { skip }, () => {
  it('follows requests over two NICs, by the one that each took', async () => {
    await using overlay = await Overlay.create({ overlay: { type: 'none' } });
    const { lab } = overlay;
    const node = lab.node('node1');
    await addSecondNic(lab);
    const { podSubnet, via } = { podSubnet: '10.42.2.0/24', via: lab.node('node2').underlayAddress };
    await run(node, 'sh', [
      '-ec',
      `echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_policy
       ip route replace ${podSubnet} nexthop via ${via} dev eth0 nexthop via ${via} dev eth1 onlink`,
    ]);
    const set = ['receivers::ebpf_hops::interfaces::nic=[eth0, eth1]'];
    const agents = [await overlay.startAgent('node1', set), await overlay.startAgent('node2')];
    const capture = await Capture.start(lab, node);
    const { contexts, failed } = await overlay.send(overlay.far, { count: 64, concurrency: 32 });
    assert.equal(failed, 0);
    const passages = await capture.stop();
    await Promise.all(agents.map((agent) => agent.stop()));
    const spans = requestHops(overlay);
    const used = new Set<unknown>();
    for (const context of contexts) {
      const hops = (spans.get(context) ?? []).filter(({ resource }) => resource['k8s.node.name'] === 'node1');
      assert.deepEqual(
        hops.map(({ name }) => name),
        ['overlay transmit'],
      );
      assertFollows(hops, passages.get(context) ?? [], ['eth0', 'eth1', ...node.vports()]);
      used.add(hops[0]?.attributes['hopspan.to.interface']);
    }
    assert.deepEqual([...used].sort(), ['eth0', 'eth1'], 'both NICs were used');
  });

  it('follows a pod with two interfaces, by the one that each request took', async () => {
    await using overlay = await Overlay.create({ overlay: { type: 'none' } });
    const { lab } = overlay;
    const [node, client] = [lab.node('node1'), lab.pod('client')];
    const agents = await overlay.startAgents();
    await run(node, 'sh', [
      '-ec',
      `ip link add vethsecond type veth peer name net1 netns ${holderOf(client)}
       ip address add 10.43.1.1/24 dev vethsecond
       ip link set vethsecond up`,
    ]);
    await run(client, 'sh', [
      '-ec',
      `ip address add 10.43.1.2/24 dev net1
       ip link set net1 up
       ip route add ${lab.pod('far').address} via 10.43.1.1`,
    ]);
    await run(lab.node('node2'), 'ip', ['route', 'add', '10.43.1.0/24', 'via', node.underlayAddress]);
    const capture = await Capture.start(lab, node);
    const sent = [];
    for (const url of [overlay.far, overlay.near]) sent.push(await overlay.send(url, { count: COUNT }));
    const passages = await capture.stop();
    await Promise.all(agents.map((agent) => agent.stop()));
    const spans = requestHops(overlay);
    for (const [i, { contexts, failed }] of sent.entries()) {
      assert.equal(failed, 0);
      const from = ['vethsecond', 'vethclient'][i];
      for (const context of contexts) {
        const hops = (spans.get(context) ?? []).filter(
          ({ resource }) => resource['k8s.node.name'] === 'node1',
        );
        assert.deepEqual(
          hops.map(({ name }) => name),
          [['overlay transmit'], ['overlay local']][i],
        );
        assert.equal(hops[0]?.attributes['hopspan.from.interface'], from);
        assertFollows(hops, passages.get(context) ?? [], ['eth0', 'vethsecond', ...node.vports()]);
      }
    }
  });
});

async function run(place: Namespace, command: string, args: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await place.exec(command, args, { input });
  assert.equal(code, 0, `${command} ${args.join(' ')}: ${stderr}`);
}

/** `ip link` takes namespaces by the id of a process in them. */
function holderOf({ netnsPath }: Namespace): string {
  return netnsPath.split('/')[2] ?? '';
}

/** A second device of the first node on the same switch. */
async function addSecondNic(lab: Lab): Promise<void> {
  const node = lab.node('node1');
  await run(lab.fabric, 'sh', [
    '-ec',
    `ip link add second type veth peer name eth1 netns ${holderOf(node)}
     ip link set second master fabric0 up`,
  ]);
  await run(node, 'sh', ['-ec', 'ip address add 192.168.100.101/32 dev eth1; ip link set eth1 up']);
}
