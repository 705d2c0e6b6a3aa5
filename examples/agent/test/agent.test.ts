// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { Agent } from '../src/agent.ts';
import { parseConfig } from '../src/config/load.ts';
import { createLogger } from '../src/logging/logger.ts';
import type { Platform } from '../src/platform.ts';
import { createTestPlatform, TestProbe } from './support/fake-platform.ts';
import { makeHop, nic, vport } from './support/make-hop.ts';

const onAnyPort = `
extensions: {health_check: {endpoint: "127.0.0.1:0"}}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {port: 0}}}}]}}
`;

function createAgent({
  config = onAnyPort,
  platform = createTestPlatform({ hops: 4 }),
}: {
  config?: string;
  platform?: Platform;
} = {}) {
  const lines: string[] = [];
  const output: string[] = [];
  const agent = new Agent({
    config: parseConfig(config, { environment: {} }),
    platform,
    resource: { 'service.name': 'test' },
    log: createLogger({ level: 'info', json: true, write: (line) => lines.push(line) }),
    write: (text) => void output.push(text),
    shutdownTimeoutMillis: 3000,
  });
  return { agent, lines, output };
}

/** Hops are handed on in a later turn of the event loop. */
async function waitForHops(agent: Agent): Promise<void> {
  while (agent.counters().histogram.recorded !== 4) await new Promise((resolve) => setImmediate(resolve));
}

describe('Agent', () => {
  it('serves health, counters and metrics while it runs, and nothing afterwards', async () => {
    const { agent } = createAgent();
    await agent.start();
    await waitForHops(agent);
    const { health_check: health, metrics } = agent.addresses();
    const status = await fetch(`http://${health}/?verbose`);
    assert.equal(status.status, 200);
    const { components } = (await status.json()) as { components: unknown };
    assert.deepEqual(components, {
      'receivers/ebpf_hops': { status: 'ok', interfaces: { nic: 1, vport: 1 } },
      'exporters/debug': { status: 'ok' },
    });
    const counters = (await (await fetch(`http://${health}/debug/counters`)).json()) as { pipeline: unknown };
    assert.deepEqual(counters, agent.counters());
    const page = await fetch(`http://${metrics}/metrics`);
    assert.match(page.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
    const text = await page.text();
    assert.match(
      text,
      /^hopspan_probe_sightings_total\{interface="eth0",role="nic",hook="egress"\} 4(\.0)?$/m,
    );
    assert.match(text, /^hopspan_hop_duration_seconds_count\{.*\} 4$/m);
    assert.match(
      text,
      /^hopspan_hop_duration_seconds_bucket\{.*\} 4 # \{trace_id="4bf92f3577b34da6a3ce929d0e0e4736",span_id="[0-9a-f]{16}"\}/m,
    );
    assert.ok(text.endsWith('# EOF\n'));
    assert.equal(text.split('# EOF').length, 2);
    assert.equal((await fetch(`http://${metrics}/`)).status, 404);
    await agent.shutdown();
    await assert.rejects(fetch(`http://${health}/`));
    await assert.rejects(fetch(`http://${metrics}/metrics`));
  });

  it('is fine without pods and says so; without a NIC it is degraded', async () => {
    const probe = new TestProbe([]);
    const attached = probe.attached();
    probe.attached = () => attached.filter(({ role }) => role === 'nic');
    const { agent } = createAgent({ platform: createTestPlatform({ createProbe: () => probe }) });
    await agent.start();
    assert.equal((await fetch(`http://${agent.addresses().health_check}/`)).status, 200);
    assert.deepEqual(agent.components()['receivers/ebpf_hops'], {
      status: 'ok',
      interfaces: { nic: 1, vport: 0 },
      reason: 'no device matches cali*, veth*, lxc*, eni*, gke* yet: there is nothing to measure',
    });
    probe.attached = () => [];
    assert.equal(agent.components()['receivers/ebpf_hops']?.status, 'degraded');
    await agent.shutdown();
  });

  it('tells where the time of a request went', async () => {
    const request = makeHop(0, 1000);
    const back = makeHop(5000, 2000);
    const probe = new TestProbe([
      request,
      {
        ...back,
        kind: 'response',
        direction: 'receive',
        requestPosition: request.streamPosition,
        from: { ...back.from, point: { ...nic, hook: 'ingress' } },
        to: { ...back.to, point: { ...vport, hook: 'egress' } },
      },
    ]);
    const { agent, output } = createAgent({ platform: createTestPlatform({ createProbe: () => probe }) });
    await agent.start();
    await agent.shutdown();
    assert.match(output.join(''), /client: transmit 1.0 µs · away 4.0 µs · receive 2.0 µs/);
    const { completed, waiting } = agent.counters().processors.budget ?? {};
    assert.deepEqual([completed, waiting], [1, 0]);
  });

  it('answers 503 until everything is attached', async () => {
    const probe = new TestProbe([]);
    const attached = Promise.withResolvers<void>();
    const starting = Promise.withResolvers<void>();
    probe.start = () => {
      starting.resolve();
      return attached.promise;
    };
    const { agent } = createAgent({ platform: createTestPlatform({ createProbe: () => probe }) });
    const started = agent.start();
    await starting.promise;
    const health = `http://${agent.addresses().health_check}/`;
    assert.equal((await fetch(health)).status, 503);
    attached.resolve();
    await started;
    assert.equal((await fetch(health)).status, 200);
    await agent.shutdown();
  });

  it('drops capabilities when everything is attached, and tells which are left', async () => {
    const kept = ['CAP_NET_ADMIN'];
    let state: string | undefined;
    const platform = createTestPlatform({
      dropCapabilities: async () => {
        state =
          agent.components()['receivers/ebpf_hops']?.interfaces?.nic === 1 ? agent.state() : 'not attached';
        return kept;
      },
    });
    const { agent } = createAgent({ platform });
    await agent.start();
    assert.equal(state, 'starting');
    assert.deepEqual(agent.capabilities(), kept);
    await agent.shutdown();
  });

  it('goes on and says so when it cannot drop them', async () => {
    const dropCapabilities = () => Promise.reject(new Error('seccomp'));
    const { agent, lines } = createAgent({ platform: createTestPlatform({ dropCapabilities }) });
    await agent.start();
    assert.match(lines.join(''), /"warn".*keeps capabilities that it does not need: seccomp/);
    assert.deepEqual([agent.state(), agent.capabilities()], ['ok', undefined]);
    await agent.shutdown();
  });

  it('leaves nothing open when it cannot start', async () => {
    const probe = new TestProbe([]);
    probe.start = () => Promise.reject(new Error('no'));
    const { agent } = createAgent({ platform: createTestPlatform({ createProbe: () => probe }) });
    await assert.rejects(agent.start(), /^Error: no$/);
    assert.equal(probe.stopped, true);
    await assert.rejects(fetch(`http://${agent.addresses().health_check}/`));
  });

  it('names the span of the hop in the exemplars when it makes spans', async () => {
    const { agent } = createAgent({
      config: `exporters: {otlp_http: {endpoint: "http://127.0.0.1:1"}}\n${onAnyPort}`,
    });
    await agent.start();
    await waitForHops(agent);
    const text = await (await fetch(`http://${agent.addresses().metrics}/metrics`)).text();
    assert.match(text, /span_id="/);
    assert.doesNotMatch(text, /span_id="00f067aa0ba902b7"/);
    assert.equal(agent.counters().histogram.recorded, 4);
    await agent.shutdown();
    const { exporters } = agent.counters();
    assert.equal(exporters.otlp_http?.enqueued, 4);
    assert.equal(exporters.otlp_http?.dropped_shutdown, 4);
  });

  it('sends the histogram by OTLP at the latest when it ends', async () => {
    const requests: {
      path?: string;
      body: { resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[] };
    }[] = [];
    const server = createServer(async (request: IncomingMessage, response) => {
      requests.push({ path: request.url, body: (await json(request)) as (typeof requests)[number]['body'] });
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reader = `{periodic: {interval: 1h, exporter: {otlp_http: {endpoint: "http://127.0.0.1:${port}"}}}}`;
    const { agent } = createAgent({
      config: `service: {extensions: [], telemetry: {metrics: {readers: [${reader}]}}}`,
    });
    await agent.start();
    await agent.shutdown();
    server.closeAllConnections();
    server.close();
    assert.deepEqual(
      requests.map(({ path }) => path),
      ['/v1/metrics'],
    );
    assert.equal(
      requests[0]?.body.resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.name,
      'hopspan.hop.duration',
    );
    assert.deepEqual(agent.counters().metrics, { pushes: 1, push_failures: 0 });
  });

  it('samples and filters as a changed configuration says, from when it says so', async () => {
    const config = (percentage: number, port: number) => `
processors:
  probabilistic_sampler: {sampling_percentage: ${percentage}}
  hop_filter: {exclude: {ports: [${port}]}}
${onAnyPort}`;
    const sinks: Parameters<TestProbe['start']>[0][] = [];
    class WaitingProbe extends TestProbe {
      override async start(sink: Parameters<TestProbe['start']>[0]): Promise<void> {
        sinks.push(sink);
      }
    }
    const platform = createTestPlatform({ createProbe: () => new WaitingProbe([]) });
    const { agent, lines } = createAgent({ config: config(100, 1), platform });
    await agent.start();
    /** How many of four hops get through. */
    const pass = async (): Promise<number> => {
      const before = agent.counters();
      sinks[0]?.onHops(Array.from({ length: 4 }, (_, i) => makeHop(i, 1)));
      const { received = 0 } = before.pipeline;
      const isDone = ({ delivered = 0, dropped_by_processor = 0 }: Readonly<Record<string, number>>) =>
        delivered + dropped_by_processor === received + 4;
      while (!isDone(agent.counters().pipeline)) await new Promise((resolve) => setImmediate(resolve));
      return (agent.counters().histogram.recorded ?? 0) - (before.histogram.recorded ?? 0);
    };
    assert.equal(await pass(), 4);
    await agent.reload(parseConfig(config(0, 1), { environment: {} }));
    assert.equal(await pass(), 0);
    await agent.reload(parseConfig(config(100, 80), { environment: {} }));
    assert.equal(await pass(), 0);
    await agent.reload(parseConfig(config(100, 1), { environment: {} }));
    assert.equal(await pass(), 4);
    const { processors, pipeline } = agent.counters();
    assert.equal(processors.probabilistic_sampler?.hops_not_sampled, 4);
    assert.equal(processors.hop_filter?.hops_filtered, 4);
    assert.deepEqual([pipeline.delivered, pipeline.dropped_by_processor], [8, 8]);
    await agent.shutdown();
    const reloads = lines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'configuration reloaded');
    assert.deepEqual(reloads.at(-1)?.changed, ['processors::hop_filter']);
    assert.ok(lines.every((line) => !line.includes('at the next start')));
  });

  it('says at every change what still waits for a restart', async () => {
    const config = (port: number, responses: boolean) => `
receivers: {ebpf_hops: {responses: ${responses}}}
processors: {hop_filter: {exclude: {ports: [${port}]}}}
${onAnyPort}`;
    const { agent, lines } = createAgent({ config: config(1, true) });
    await agent.start();
    const warnings = async (port: number, responses: boolean): Promise<unknown[]> => {
      lines.length = 0;
      await agent.reload(parseConfig(config(port, responses), { environment: {} }));
      return lines.map((line) => JSON.parse(line).msg).filter((msg) => msg !== 'configuration reloaded');
    };
    const warning = 'changed, and taken into account at the next start: receivers::ebpf_hops::responses';
    assert.deepEqual(await warnings(1, false), [warning]);
    assert.deepEqual(await warnings(2, false), [warning]);
    assert.deepEqual(await warnings(3, true), []);
    await agent.shutdown();
  });
});
