// SPDX-License-Identifier: Apache-2.0
// The demo, looked at from where its users look: through the query API of a real backend.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { JaegerTopology } from '@hopspan/k8s-discovery';
import { type TraceBackend, waitForTrace } from './backends/backend.ts';
import { goAvailable } from './backends/build.ts';
import { startJaeger } from './backends/jaeger.ts';
import type { BackendSpan } from './backends/span.ts';
import { startTempo } from './backends/tempo.ts';

const skip = process.env.CI ? false : (goAvailable() ?? false);
const script = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const requests = 20;
/** A request makes four calls: one within a node, three across the overlay. */
/** One each for a request and its response. */
const hopsOfTrace = { 'overlay local': 2, 'overlay receive': 6, 'overlay transmit': 6 };
const services = ['details', 'gateway', 'overlay-network', 'productpage', 'ratings', 'reviews'];

for (const [name, start] of Object.entries({ Jaeger: startJaeger, Tempo: startTempo })) {
  describe(`the demo in ${name}`, { skip }, () => {
    it('shows every hop below the client span that sent the request', async () => {
      await using backend = await start();
      await playDemo(backend);
      const traces = await findTraces(backend);
      assert.equal(traces.length, requests);
      for (const spans of traces) assertTrace(spans);
      if (name === 'Jaeger') await assertTopology(backend);
    });
  });
}

/** Who calls whom in Bookinfo, each once a request. */
async function assertTopology({ queryUrl }: TraceBackend): Promise<void> {
  const jaeger = new JaegerTopology({ endpoint: queryUrl });
  await jaeger.start();
  await jaeger.shutdown();
  assert.deepEqual(
    jaeger.topology?.edges.map(({ parent, child, calls }) => `${parent} → ${child}: ${calls}`).toSorted(),
    ['gateway → productpage', 'productpage → details', 'productpage → reviews', 'reviews → ratings'].map(
      (call) => `${call}: ${requests}`,
    ),
  );
}

async function playDemo(backend: TraceBackend): Promise<void> {
  const args = ['--once', '--json', '--requests', String(requests), '--otlp', backend.otlpGrpcUrl];
  const demo = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(demo.stdout),
    text(demo.stderr),
    once(demo, 'exit'),
  ]);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout) as { traces: number; ok: boolean };
  assert.equal(report.traces, requests);
}

/** Every trace as soon as it is whole; an index may lag behind, the trace itself does not. */
async function findTraces(backend: TraceBackend): Promise<BackendSpan[][]> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await backend.findTraces('gateway', requests * 2);
    if (found.length >= requests) {
      const ids = found.map((spans) => spans[0]?.traceId ?? '');
      return Promise.all(ids.map((id) => waitForTrace(backend, id, (spans) => spans.length >= 8 + 14)));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${backend.name} does not find ${requests} traces of the gateway`);
}

function assertTrace(spans: readonly BackendSpan[]): void {
  assert.deepEqual([...new Set(spans.map(({ service }) => service))].toSorted(), services);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const hops = spans.filter(({ service }) => service === 'overlay-network');
  const names = Object.fromEntries(
    Object.keys(hopsOfTrace).map((hop) => [hop, hops.filter(({ name }) => name === hop).length]),
  );
  assert.deepEqual(names, hopsOfTrace);
  for (const hop of hops) assertHop(hop, byId.get(hop.parentSpanId ?? ''));
}

function assertHop(hop: BackendSpan, parent: BackendSpan | undefined): void {
  assert.ok(parent, 'the parent is in the trace');
  assert.equal(parent.kind, 'client');
  assert.equal(hop.kind, 'internal');
  const server = hop.attributes['hopspan.kind'] === 'response' ? 'source' : 'destination';
  assert.equal(hop.attributes[`${server}.address`], parent.attributes['server.address']);
  assert.equal(hop.attributes[`${server}.port`], parent.attributes['server.port']);
  assert.equal(hop.attributes['network.transport'], 'tcp');
  assert.equal(hop.attributes['network.protocol.name'], 'http');
  assert.match(String(hop.resource['k8s.node.name']), /^node[1-4]$/);
  const local = hop.name === 'overlay local';
  assert.equal(hop.attributes['tunnel.type'], local ? undefined : 'vxlan');
  assert.equal(hop.attributes['network.io.direction'], local ? undefined : hop.name.replace('overlay ', ''));
  assert.ok(hop.durationUs > 0 && hop.durationUs < parent.durationUs + 1000);
  assert.ok(!hop.warnings.some((warning) => /not in the trace/.test(warning)), hop.warnings.join());
}
