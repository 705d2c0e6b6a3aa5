// SPDX-License-Identifier: Apache-2.0
// The mesh as a real Jaeger computes it from spans.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInTopology, JaegerTopology } from '@hopspan/k8s-discovery';
import type { TraceBackend } from './backends/backend.ts';
import { goAvailable } from './backends/build.ts';
import { startJaeger } from './backends/jaeger.ts';

const skip = process.env.CI ? false : (goAvailable() ?? false);

/** Who calls whom in Bookinfo, a hop span below each call, and a cron job that calls nobody. */
const CALLS = [
  ['gateway.default', 'productpage.default'],
  ['productpage.default', 'details.default'],
  ['productpage.default', 'reviews.default'],
  ['reviews.default', 'ratings.default'],
] as const;
const REQUESTS = 3;

const newId = () => randomBytes(8).toString('hex');

/** Resource spans of one request: a client span in the caller, a server span and a hop span below it. */
function newTrace() {
  const traceId = randomBytes(16).toString('hex');
  const servers = new Map<string, string>();
  const span = (service: string, kind: number, spanId: string, parentSpanId = '') => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [{ spans: [{ ...times(), traceId, spanId, parentSpanId, kind, name: service }] }],
  });
  const serve = (service: string, parent?: string) => {
    const id = newId();
    servers.set(service, id);
    return span(service, 2, id, parent);
  };
  return [
    serve(CALLS[0][0]),
    ...CALLS.flatMap(([caller, callee]) => {
      const client = newId();
      return [
        span(caller, 3, client, servers.get(caller)),
        span('overlay-network', 1, newId(), client),
        serve(callee, client),
      ];
    }),
  ];
}

function newCronTrace() {
  const [first] = newTrace();
  assert.ok(first);
  first.resource.attributes = [{ key: 'service.name', value: { stringValue: 'cron.default' } }];
  return [first];
}

function times() {
  const now = BigInt(Date.now()) * 1_000_000n;
  return { startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1000n) };
}

async function send(jaeger: TraceBackend, resourceSpans: readonly object[]): Promise<void> {
  const response = await fetch(`${jaeger.otlpHttpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  });
  assert.equal(response.status, 200, await response.text());
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (condition()) return;
    await sleep(50);
  }
  assert.fail(`not within a minute: ${what}`);
}

describe('the topology of a real Jaeger', { skip }, () => {
  it('has the calls between services and nothing else, and outlives Jaeger', async () => {
    const jaeger = await startJaeger();
    const topology = new JaegerTopology({ endpoint: jaeger.queryUrl, intervalMillis: 100 });
    try {
      const current = () => topology.topology;
      await topology.start();
      assert.equal(current(), undefined, 'a Jaeger without calls tells nothing');
      assert.equal(topology.counters().topology_errors, 0);
      for (let i = 0; i < REQUESTS; i += 1) await send(jaeger, newTrace());
      await send(jaeger, newCronTrace());
      const calls = () => current()?.edges.reduce((sum, edge) => sum + edge.calls, 0);
      await until('all calls are counted', () => calls() === CALLS.length * REQUESTS);
      const edges = current()?.edges.map(({ parent, child, calls }) => `${parent} ${child} ${calls}`);
      assert.deepEqual(edges?.toSorted(), CALLS.map((call) => `${call.join(' ')} ${REQUESTS}`).toSorted());
      const isMember = (name: string): boolean =>
        isInTopology(
          current() ?? { services: new Set() },
          { namespace: 'default', serviceName: name, workload: undefined, labels: {}, tracedNames: [] },
          [],
        );
      assert.deepEqual(['ratings', 'gateway', 'cron'].map(isMember), [true, true, false]);

      const known = current();
      await jaeger.stop();
      await until('it is missed', () => (topology.counters().topology_errors ?? 0) > 0);
      const queryPort = Number(new URL(jaeger.queryUrl).port);
      await using _ = await startJaeger({ queryPort });
      const empty = topology.counters().topology_empty ?? 0;
      await until('the new one answers', () => (topology.counters().topology_empty ?? 0) > empty);
      assert.equal(current()?.edges.length, known?.edges.length, 'it has forgotten; we have not');
    } finally {
      await topology.shutdown();
      await jaeger.stop();
    }
  });
});
