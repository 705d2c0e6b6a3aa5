// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hook, Hop, LostMessage, PointRole } from '@hopspan/core';
import { ContainerEnrichment, type RuntimeContainer } from '../../src/index.ts';

const web: RuntimeContainer = {
  ...{ id: 'w1', name: 'shop-web-1', image: 'web:1', labels: { 'com.docker.compose.service': 'web' } },
  ...{ addresses: [], hostNetwork: false },
};
const client: RuntimeContainer = { id: 'c1', name: 'client', labels: {}, addresses: [], hostNetwork: false };
const pod: RuntimeContainer = { ...client, id: 'p1', pod: { name: 'cart-0', namespace: 'shop', uid: 'u1' } };
const byDevice = new Map([
  [1, client],
  [2, web],
  [3, pod],
]);

type End = readonly [role: PointRole, ifindex: number, hook: Hook];
const NIC: End = ['nic', 9, 'egress'];

function enrich(from: End, to: End, attributes?: Hop['attributes']) {
  const sighting = ([role, ifindex, hook]: End) => ({
    point: { role, ifindex, hook, index: 1, ifname: 'x' },
  });
  const hop = { from: sighting(from), to: sighting(to), attributes } as unknown as Hop;
  const enrichment = new ContainerEnrichment((ifindex) => byDevice.get(ifindex));
  const [enriched] = enrichment.process([hop]);
  return { attributes: enriched?.attributes, counters: enrichment.counters() };
}

describe('ContainerEnrichment', () => {
  it('names both ends of a local hop, by their devices', () => {
    const { attributes, counters } = enrich(['vport', 1, 'ingress'], ['vport', 2, 'egress']);
    assert.deepEqual(attributes, {
      'source.service.name': 'client',
      'source.container.id': 'c1',
      'source.container.name': 'client',
      'destination.service.name': 'web',
      'destination.container.id': 'w1',
      'destination.container.name': 'shop-web-1',
      'destination.container.image.name': 'web:1',
    });
    assert.deepEqual(counters, { hops: 1, lost: 0, ends_container: 2, ends_unknown: 0 });
  });

  it('names the sender of what is transmitted and the receiver of what is received, and no more', () => {
    assert.equal(enrich(['vport', 2, 'ingress'], NIC).attributes?.['source.service.name'], 'web');
    const received = enrich(['nic', 9, 'ingress'], ['vport', 2, 'egress']).attributes ?? {};
    assert.ok(Object.keys(received).every((name) => name.startsWith('destination.')));
    assert.deepEqual(enrich(['vport', 7, 'ingress'], NIC), {
      attributes: {},
      counters: { hops: 1, lost: 0, ends_container: 0, ends_unknown: 1 },
    });
  });

  it('names the sender of what was lost behind its device', () => {
    const from = { point: { role: 'vport', ifindex: 1, hook: 'ingress', index: 1, ifname: 'x' } };
    const enrichment = new ContainerEnrichment((ifindex) => byDevice.get(ifindex));
    const [lost] = enrichment.processLost([{ from, copies: 1 } as unknown as LostMessage]);
    assert.deepEqual([lost?.copies, lost?.attributes?.['source.service.name']], [1, 'client']);
    assert.deepEqual(enrichment.counters(), { hops: 0, lost: 1, ends_container: 1, ends_unknown: 0 });
  });

  it('names a pod as a pod', () => {
    assert.deepEqual(enrich(['vport', 3, 'ingress'], NIC).attributes, {
      'source.service.name': 'cart-0',
      'source.k8s.pod.name': 'cart-0',
      'source.k8s.pod.uid': 'u1',
      'source.k8s.namespace.name': 'shop',
    });
  });

  it('leaves what is there', () => {
    const { attributes } = enrich(['vport', 1, 'ingress'], NIC, { 'source.service.name': 'known', 'x.y': 1 });
    assert.deepEqual([attributes?.['source.service.name'], attributes?.['x.y']], ['known', 1]);
  });
});
