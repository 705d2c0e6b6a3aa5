// SPDX-License-Identifier: Apache-2.0
// Service addresses and masquerade, as kube-proxy makes them: every hop has the addresses that tcpdump and conntrack saw.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Capture, type Passage } from '../lab/capture.ts';
import { balance, droppedBy } from '../lab/conservation.ts';
import type { CollectedSpan, LabNode } from '../lab/index.ts';
import { sendRequests } from '../lab/traffic.ts';
import { Overlay } from './overlay.ts';
import { assertFollows, endsOf, inOrder, requestHops } from './passages.ts';

const skip = process.geteuid?.() === 0 ? false : 'network namespaces take root';
const SERVICE = '10.96.0.10';
const NODE_PORT = 30080;
const COUNT = 20;

/** `service` is load-balanced to `backend`; what `masquerade` matches leaves with the node's own address. */
function rules(backend: string, masquerade: string): string {
  return `table ip nat {
    chain prerouting {
      type nat hook prerouting priority dstnat;
      ip daddr ${SERVICE} tcp dport 80 dnat to ${backend}
      iifname eth0 tcp dport ${NODE_PORT} dnat to ${backend}
    }
    chain postrouting {
      type nat hook postrouting priority srcnat;
      ${masquerade}
    }
  }\n`;
}

async function load(node: LabNode, ruleset: string): Promise<void> {
  const { code, stderr } = await node.exec('nft', ['-f', '-'], { input: ruleset });
  assert.equal(code, 0, stderr);
}

/** Source and destination of the tracked connections as they came in, and as they went on: `a:1 > b:2`. */
async function connections(node: LabNode): Promise<Map<string, string>> {
  const { stdout } = await node.exec('conntrack', ['-L', '-p', 'tcp', '-o', 'extended']);
  const found = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const tuples = [...line.matchAll(/src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g)];
    const [original, reply] = tuples;
    if (original === undefined || reply === undefined) continue;
    found.set(
      `${original[1]}:${original[3]} > ${original[2]}:${original[4]}`,
      `${reply[2]}:${reply[4]} > ${reply[1]}:${reply[3]}`,
    );
  }
  return found;
}

const isResponse = ({ attributes }: CollectedSpan) => attributes['hopspan.kind'] === 'response';

/** `veth1 ingress a > b`, seen the other way round. */
function mirror(end: string): string {
  const [device, hook, source, , destination] = end.split(' ');
  return `${device} ${hook === 'ingress' ? 'egress' : 'ingress'} ${destination} > ${source}`;
}

interface Scene {
  readonly name: string;
  /** Who asks: a client pod on the first node, or somebody outside of the cluster. Default: client. */
  readonly from?: 'client' | 'fabric';
  /** What is asked for; the service by default. */
  readonly url?: (overlay: Overlay) => string;
  readonly backend: (overlay: Overlay) => string;
  readonly masquerade?: (overlay: Overlay) => string;
  /** Names of the hops at the client's node and at the other. */
  readonly hops: readonly [string[], string[]];
  /** Which addresses change at the client's node. */
  readonly changes: readonly ('source' | 'destination')[];
  /** `destination.address` of the hop at the client's node. Default: what was asked for. */
  readonly destination?: (overlay: Overlay) => string;
}

const nodePort = ({ lab }: Overlay) => `http://${lab.node('node1').underlayAddress}:${NODE_PORT}/`;

const pod = (name: string) => (overlay: Overlay) => `${overlay.lab.pod(name).address}:8080`;
const scenes: readonly Scene[] = [
  {
    name: 'a service with its pod on another node',
    backend: pod('far'),
    hops: [['overlay transmit'], ['overlay receive']],
    changes: ['destination'],
  },
  {
    name: 'a service with its pod on the same node',
    backend: pod('near'),
    hops: [['overlay local'], []],
    changes: ['destination'],
  },
  {
    name: 'a service with its pod on another node, masqueraded',
    backend: pod('far'),
    masquerade: () => 'ct status dnat masquerade',
    hops: [['overlay transmit'], ['overlay receive']],
    changes: ['source', 'destination'],
  },
  {
    name: 'a pod that reaches itself by its service (hairpin)',
    backend: pod('client'),
    masquerade: ({ lab }) =>
      `ip saddr ${lab.pod('client').address} ip daddr ${lab.pod('client').address} masquerade`,
    hops: [['overlay local'], []],
    changes: ['source', 'destination'],
  },
  {
    name: 'masquerade on the way out of the cluster',
    url: () => 'http://192.168.100.254:8080/',
    backend: pod('far'),
    masquerade: () => 'ip daddr != 10.42.0.0/16 masquerade',
    hops: [['overlay transmit'], []],
    changes: ['source'],
  },
  {
    name: 'from outside to the port of a node that has the pod',
    from: 'fabric',
    url: nodePort,
    backend: pod('near'),
    hops: [['overlay receive'], []],
    changes: ['destination'],
    destination: ({ lab }) => lab.pod('near').address,
  },
  {
    name: 'from outside to the port of a node that has not, masqueraded',
    from: 'fabric',
    url: nodePort,
    backend: pod('far'),
    masquerade: () => 'ct status dnat masquerade',
    hops: [['overlay forward'], ['overlay receive']],
    changes: ['source', 'destination'],
  },
];

describe('address translation', { skip }, () => {
  for (const scene of scenes) {
    const { name, from = 'client', url, backend, masquerade, hops: expected, changes } = scene;
    it(`has the right addresses at both ends of every hop: ${name}`, async () => {
      await using overlay = await Overlay.create({ set: ['receivers::ebpf_hops::responses=true'] });
      const { lab } = overlay;
      const [node1, node2] = [lab.node('node1'), lab.node('node2')];
      await overlay.serveMore();
      await load(node1, rules(backend(overlay), masquerade?.(overlay) ?? ''));
      const agents = await overlay.startAgents();
      const captures = await Promise.all([node1, node2].map((node) => Capture.start(lab, node)));
      const target = url?.(overlay) ?? `http://${SERVICE}/`;
      const place = from === 'client' ? lab.pod('client') : lab.fabric;
      const { contexts, failed } = await sendRequests(place, target, { count: COUNT, concurrency: 4 });
      assert.equal(failed, 0);
      const tracked = await connections(node1);
      const passages = await Promise.all(captures.map((capture) => capture.stop()));
      const counters = await Promise.all(agents.map((agent) => agent.stop()));
      for (const each of counters) {
        assert.deepEqual(
          balance(each).filter(({ residual }) => residual !== 0),
          [],
        );
        assert.equal(droppedBy(each), 0);
      }
      const spans = requestHops(overlay);
      for (const context of contexts) {
        for (const [i, node] of [node1, node2].entries()) {
          const hops = (spans.get(context) ?? []).filter(
            ({ resource }) => resource['k8s.node.name'] === node.name,
          );
          assert.deepEqual(
            inOrder(hops).map((hop) => hop.name),
            expected[i],
            `${context} on ${node.name}`,
          );
          assertFollows(hops, (passages[i]?.get(context) as Passage[]) ?? [], [
            node.nicName,
            ...node.vports(),
          ]);
        }
        const responses = overlay.hops().get(context)?.filter(isResponse) ?? [];
        const back = responses.map((each) => endsOf(each).map(mirror).reverse().join(' → '));
        const forth = (spans.get(context) ?? []).map((each) => endsOf(each).join(' → '));
        assert.deepEqual(back.toSorted(), forth.toSorted(), 'the response takes the same way back');
        const [hop] = (spans.get(context) ?? []).filter(
          ({ resource }) => resource['k8s.node.name'] === 'node1',
        );
        assert.ok(hop);
        const [before, after] = endsOf(hop).map((end) => end.replace(/^\S+ \S+ /, ''));
        assert.equal(tracked.get(before ?? ''), after, `conntrack knows ${before}`);
        for (const side of ['source', 'destination'] as const) {
          assert.equal(`hopspan.to.${side}.address` in hop.attributes, changes.includes(side), side);
        }
        // The pod's own view: what it sent before anything was changed, what it got after.
        const destination = scene.destination?.(overlay) ?? new URL(target).hostname;
        assert.equal(hop.attributes['destination.address'], destination);
      }
      assert.equal([...spans.values()].flat().length, COUNT * expected.flat().length);
    });
  }
});
