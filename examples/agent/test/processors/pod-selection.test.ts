// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '@hopspan/k8s-discovery';
import type { PodSelectorConfig } from '../../src/config/schema.ts';
import { PodSelection } from '../../src/processors/pod-selection.ts';

function pod(name: string, namespace = 'shop'): Pod {
  return {
    ...{ uid: name, namespace, name, serviceName: name, workload: { kind: 'deployment', name } },
    ...{ containers: [], labels: {}, tracedNames: [], hostNetwork: false, addresses: [], hostAddresses: [] },
    ...{ ended: false, terminating: false },
  };
}

const cluster = {
  pods: () => [pod('page'), pod('reviews'), pod('cron'), pod('page', 'kube-system')],
  servicesOf: () => [],
  namespaces: () => ['shop', 'kube-system'].map((name) => ({ name, labels: {} })),
  workloadNames: () => new Set(['page', 'reviews', 'cron']),
};
const resource = { 'service.name': 'hops' };

/** A Jaeger that knows these calls from when they are there. */
async function startJaeger() {
  const state: { calls?: readonly (readonly [string, string])[] } = {};
  const server = createServer((_, response) => {
    const data = state.calls?.map(([parent, child]) => ({ parent, child, callCount: 1 }));
    response.writeHead(data === undefined ? 503 : 200).end(JSON.stringify({ data }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    state,
    in_topology: {
      ...{ endpoint: `http://127.0.0.1:${port}`, headers: {} },
      ...{ interval: 20, lookback: 1000, timeout: 10_000 },
    },
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function create(selector: PodSelectorConfig) {
  const warnings: string[] = [];
  const seen = { changes: 0 };
  const selection = new PodSelection({
    ...{ selector, resource, log: { warn: (text: string) => void warnings.push(text) } },
    onChange: () => {
      seen.changes += 1;
    },
  });
  const names = (): string[] =>
    selection.select(cluster).map(({ namespace, name }) => `${namespace}/${name}`);
  return Object.assign(selection, {
    warnings,
    seen,
    names,
    [Symbol.asyncDispose]: () => selection.shutdown(),
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !condition(); tries += 1) await sleep(20);
  assert.ok(condition(), 'not within a minute');
}

describe('PodSelection', () => {
  it('leaves nobody out by a topology that is not known, and follows it from when it is', async () => {
    await using jaeger = await startJaeger();
    const { in_topology } = jaeger;
    await using selection = create({ namespaces: ['shop'], in_topology });
    await selection.start();
    assert.deepEqual(selection.names(), ['shop/page', 'shop/reviews', 'shop/cron']);
    const { pods_selected, pods_outside_topology, topology_errors = 0 } = selection.counters();
    assert.deepEqual([pods_selected, pods_outside_topology], [3, 0]);
    assert.ok(topology_errors > 0);

    jaeger.state.calls = [
      ['page', 'reviews.shop'],
      ['cron', 'hops'],
    ];
    await until(() => selection.seen.changes > 0);
    assert.deepEqual(selection.names(), ['shop/page', 'shop/reviews'], "the agent's own spans are no calls");
    assert.equal(selection.counters().pods_outside_topology, 1);

    jaeger.state.calls = undefined;
    const errors = selection.counters().topology_errors ?? 0;
    await until(() => (selection.counters().topology_errors ?? 0) > errors);
    assert.deepEqual(selection.names(), ['shop/page', 'shop/reviews'], 'the last one stays');
  });

  it('begins and ends to ask with the configuration', async () => {
    await using jaeger = await startJaeger();
    const { in_topology } = jaeger;
    jaeger.state.calls = [['page', 'reviews']];
    await using selection = create({});
    await selection.start();
    assert.equal(selection.names().length, 4);
    selection.configure({ in_topology });
    await until(() => selection.seen.changes > 0);
    assert.deepEqual(selection.names(), ['shop/page', 'shop/reviews', 'kube-system/page']);
    selection.configure({ in_topology, workloads: ['page'] });
    assert.deepEqual(selection.names(), ['shop/page', 'kube-system/page'], 'what is known stays known');
    selection.configure(undefined);
    assert.equal(selection.names().length, 4);
    assert.equal(selection.counters().topology_requests, undefined);
  });

  it('warns of a namespace that does not exist, and of a workload that is like one that does', () => {
    const selection = create({
      namespaces: ['shopp', 'elsewhere', 'shop'],
      workloads: ['reveiws', 'billing'],
    });
    selection.warnOfUnknown(cluster);
    assert.deepEqual(selection.warnings, [
      'receivers::ebpf_hops::pods::namespaces: there is no namespace "shopp" now; did you mean "shop"?',
      'receivers::ebpf_hops::pods::namespaces: there is no namespace "elsewhere" now',
      'receivers::ebpf_hops::pods::workloads: there is no workload "reveiws" now; did you mean "reviews"?',
    ]);
  });
});
