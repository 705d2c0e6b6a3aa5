// SPDX-License-Identifier: Apache-2.0
// More tracing points than NIC and vport: which hook of which device sees a request, and the hops that come of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Capture, type Passage } from '../lab/capture.ts';
import { balance, droppedBy, totalOf } from '../lab/conservation.ts';
import type { CollectedSpan } from '../lab/index.ts';
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
});
