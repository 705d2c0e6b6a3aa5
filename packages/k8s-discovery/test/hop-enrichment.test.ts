// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  directionOf,
  type Endpoint,
  type Hook,
  type Hop,
  type LostMessage,
  type PointRole,
  type Sighting,
} from '@hopspan/core';
import { type AddressHolder, type AddressResolver, HopEnrichment } from '../src/index.ts';

const workload = { kind: 'deployment', name: 'reviews' } as const;
const reviews: AddressHolder = {
  kind: 'pod',
  pod: {
    uid: 'u1',
    namespace: 'shop',
    name: 'reviews-6d4cf56db6-x7k2p',
    workload,
    serviceName: 'reviews-api',
  },
  container: { name: 'main', ports: [9080] },
  service: { namespace: 'shop', name: 'reviews' },
  nodeName: 'node-2',
};
const page: AddressHolder = {
  kind: 'pod',
  pod: { uid: 'u2', namespace: 'web', name: 'page-0', workload: { kind: 'statefulset', name: 'page' } },
  nodeName: 'node-1',
};
const clusterIp: AddressHolder = { kind: 'service', service: { namespace: 'shop', name: 'reviews-vip' } };
const holders: Readonly<Record<string, AddressHolder>> = {
  '10.0.0.1': page,
  '10.0.0.2': reviews,
  '10.96.0.9': clusterIp,
  '192.0.2.1': { kind: 'node', nodeName: 'node-1' },
  '10.0.0.7': { kind: 'ambiguous', nodeName: 'node-1' },
};

const asked: [string, number, number, string | undefined][] = [];
const resolver = (live = true): AddressResolver => ({
  live,
  resolve: (address, port, atMillis, podUid) => {
    asked.push([address, port, atMillis, podUid]);
    return holders[address] ?? { kind: 'unknown' };
  },
});

const at = (address: string, port: number): Endpoint => ({ address, port });

function makeHop(
  near: [Endpoint, Endpoint],
  far: [Endpoint, Endpoint] = near,
  direction: Hop['direction'] = 'transmit',
): Hop {
  const sighting = ([source, destination]: [Endpoint, Endpoint], monotonicNs: bigint): Sighting => ({
    ...{ source, destination, monotonicNs, networkType: 'ipv4' },
    point: { index: 1, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'ingress' },
  });
  const [from, to] = direction === 'receive' ? [far, near] : [near, far];
  return {
    kind: 'request',
    direction,
    context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 },
    ...{ from: sighting(from, 5_000_000n), to: sighting(to, 6_000_000n) },
    ...{ durationNs: 1_000_000, clockOffsetNs: 0n, streamPosition: 1, retransmission: 0 },
  };
}

const client = at('10.0.0.1', 40_000);
const server = at('10.0.0.2', 9080);

describe('HopEnrichment', () => {
  it('says of both ends pod, workload, namespace, node, container and services', () => {
    const hop = { ...makeHop([client, server]), attributes: { kept: 1 } };
    const [enriched] = new HopEnrichment(resolver()).process([hop]);
    assert.deepEqual(enriched, {
      ...hop,
      attributes: {
        kept: 1,
        'source.k8s.pod.name': 'page-0',
        'source.k8s.pod.uid': 'u2',
        'source.k8s.statefulset.name': 'page',
        'source.k8s.namespace.name': 'web',
        'source.k8s.node.name': 'node-1',
        'source.service.name': 'page-0',
        'destination.k8s.pod.name': 'reviews-6d4cf56db6-x7k2p',
        'destination.k8s.pod.uid': 'u1',
        'destination.k8s.deployment.name': 'reviews',
        'destination.k8s.namespace.name': 'shop',
        'destination.k8s.node.name': 'node-2',
        'destination.k8s.container.name': 'main',
        'destination.k8s.service.name': 'reviews',
        'destination.service.name': 'reviews-api',
      },
    });
  });

  it('asks for the time of the packet, at the end that faces the pod', () => {
    asked.length = 0;
    new HopEnrichment(resolver()).process([makeHop([client, server], undefined, 'receive')]);
    assert.deepEqual(asked, [
      ['10.0.0.1', 40_000, 6, undefined],
      ['10.0.0.2', 9080, 6, undefined],
    ]);
  });

  it('asks for the pod behind the device where the packet passed it, on both sides of a local hop', () => {
    const at = (role: PointRole, hook: Hook, ifindex: number) => ({
      point: { index: ifindex, ifindex, ifname: `dev${ifindex}`, role, hook },
    });
    const question = (from: Pick<Sighting, 'point'>, to: Pick<Sighting, 'point'>): unknown[] => {
      asked.length = 0;
      const hop = makeHop([client, server], undefined, directionOf(from.point, to.point));
      new HopEnrichment(resolver(), (ifindex) => `behind ${ifindex}`).process([
        { ...hop, from: { ...hop.from, ...from }, to: { ...hop.to, ...to } },
      ]);
      return asked.map(([address, , , podUid]) => [address, podUid]);
    };
    const out = at('vport', 'ingress', 7);
    const into = at('vport', 'egress', 8);
    const nic = (hook: Hook) => at('nic', hook, 2);
    assert.deepEqual(question(out, nic('egress')), [
      ['10.0.0.1', 'behind 7'],
      ['10.0.0.2', undefined],
    ]);
    assert.deepEqual(question(nic('ingress'), into), [
      ['10.0.0.1', undefined],
      ['10.0.0.2', 'behind 8'],
    ]);
    assert.deepEqual(question(out, into), [
      ['10.0.0.1', 'behind 7'],
      ['10.0.0.2', 'behind 8'],
    ]);
  });

  it('puts together what is known before and behind a translation of addresses', () => {
    const vip = at('10.96.0.9', 80);
    for (const hop of [makeHop([client, vip], [client, server]), makeHop([client, server], [client, vip])]) {
      const { attributes = {} } = new HopEnrichment(resolver()).process([hop])[0] as Hop;
      assert.equal(attributes['destination.k8s.pod.name'], 'reviews-6d4cf56db6-x7k2p');
      assert.equal(attributes['destination.k8s.service.name'], 'reviews-vip', 'the one that was called');
    }
    const masqueraded = makeHop([at('192.0.2.1', 5), server], [client, server], 'receive');
    const { attributes = {} } = new HopEnrichment(resolver()).process([masqueraded])[0] as Hop;
    assert.equal(attributes['source.k8s.pod.name'], 'page-0');
  });

  it('counts both ends of each hop, by what was known of them', () => {
    const enrichment = new HopEnrichment(resolver());
    const others = ['10.96.0.9', '192.0.2.1', '10.0.0.7', '203.0.113.1'].map((address) =>
      makeHop([client, at(address, 80)]),
    );
    const hops = enrichment.process(others);
    assert.equal(hops.length, 4);
    assert.deepEqual(enrichment.counters(), {
      ...{ hops: 4, hops_stale: 0, lost: 0, lost_stale: 0 },
      ...{ ends_pod: 4, ends_service: 1, ends_node: 1, ends_ambiguous: 1, ends_unknown: 1 },
    });
    const names = hops.map(({ attributes = {} }) =>
      Object.keys(attributes).filter((name) => name.startsWith('destination')),
    );
    assert.deepEqual(names[3], []);
    assert.deepEqual(names[2], ['destination.k8s.node.name']);
  });

  it('says the same of a lost message, by where it was seen last', () => {
    const { kind, context, from, clockOffsetNs, streamPosition, retransmission } = makeHop([client, server]);
    const lost: LostMessage = {
      ...{ kind, context, from, clockOffsetNs, streamPosition, retransmission },
      ...{ durationNs: 5000, copies: 1, evidence: 'retransmission', attributes: { kept: 1 } },
    };
    asked.length = 0;
    const enrichment = new HopEnrichment(resolver(false));
    const [{ attributes: named = {}, ...rest } = lost] = enrichment.processLost([lost]);
    assert.deepEqual({ ...rest, attributes: { kept: 1 } }, lost);
    assert.deepEqual(
      ['kept', 'source.k8s.pod.name', 'destination.k8s.pod.name', 'destination.k8s.service.name'].map(
        (name) => named[name],
      ),
      [1, 'page-0', 'reviews-6d4cf56db6-x7k2p', 'reviews'],
    );
    assert.deepEqual(asked, [
      ['10.0.0.1', 40_000, 5, undefined],
      ['10.0.0.2', 9080, 5, undefined],
    ]);
    const { hops, lost: counted, lost_stale, ends_pod } = enrichment.counters();
    assert.deepEqual([hops, counted, lost_stale, ends_pod], [0, 1, 1, 2]);
  });

  it('counts the hops that were named while the API could not be followed', () => {
    const enrichment = new HopEnrichment(resolver(false));
    enrichment.process([makeHop([client, server])]);
    assert.equal(enrichment.counters().hops_stale, 1);
  });
});
