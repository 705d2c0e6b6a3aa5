// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Hop } from '@hopspan/core';
import { createOtlpSpanExporter, HopSpanExporter } from '@hopspan/exporter';
import { encodeRequest } from '../src/otlp.ts';
import { type ServiceOptions, StitcherService } from '../src/service.ts';
import { Downstream, until } from './support/downstream.ts';
import { clientSpan, makeRequest, makeSpan, roundTripOf, serverSpan } from './support/requests.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function startService(options: Partial<ServiceOptions> & Pick<ServiceOptions, 'endpoint'>) {
  const service = new StitcherService({
    protocol: 'grpc',
    grpc: '127.0.0.1:0',
    http: '127.0.0.1:0',
    status: '127.0.0.1:0',
    holdMillis: 100,
    maxRequests: 1000,
    queueSize: 1000,
    shutdownTimeoutMillis: 60_000,
    log,
    ...options,
  });
  await service.start();
  const post = (body: Buffer, headers: Record<string, string> = {}) =>
    fetch(`${service.endpoints().http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: new Uint8Array(body),
    });
  return { service, post, [Symbol.asyncDispose]: () => service.stop() };
}

/** received = held + sent + dropped_* + queued, in spans. */
function checkSum(service: StitcherService): void {
  const { receiver, stitcher, forwarder } = service.counters();
  const gone = Object.entries(forwarder).filter(([name]) => /^(sent|queued|dropped_.*)$/.test(name));
  const accounted = gone.reduce((sum, [, value]) => sum + value, stitcher.held ?? 0);
  assert.equal(receiver.received, accounted);
}

const end = {
  networkType: 'ipv4',
  source: { address: '10.0.0.1', port: 1 },
  destination: { address: '10.0.0.2', port: 2 },
  monotonicNs: 5n,
} as const;

/** A response's hop with a budget, as an agent exports it. */
function makeHop(role: 'client' | 'server', betweenNs: number): Hop {
  return {
    kind: 'response',
    direction: 'receive',
    context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 },
    from: { ...end, point: { index: 1, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'ingress' } },
    to: { ...end, point: { index: 2, ifindex: 3, ifname: 'veth0', role: 'vport', hook: 'egress' } },
    durationNs: 9,
    clockOffsetNs: 0n,
    streamPosition: 7,
    requestPosition: 4_294_967_295,
    retransmission: 0,
    budget: {
      role,
      requestPosition: 4_294_967_295,
      requestNs: 10,
      betweenNs,
      responseNs: 9,
      retransmission: 0,
    },
  };
}

describe('StitcherService', () => {
  for (const protocol of ['grpc', 'http/protobuf'] as const) {
    it(`stitches what two agents export by ${protocol}, and sends it on by the same`, async () => {
      await using downstream = await Downstream.start();
      const endpoint = protocol === 'grpc' ? downstream.grpc : downstream.http;
      // Longer than it takes to export, however slow the machine; stopping it lets everything go.
      const { service } = await startService({ endpoint, protocol, holdMillis: 60_000 });
      const { grpc = '', http = '' } = service.endpoints();
      for (const [role, betweenNs] of [
        ['client', 50_000],
        ['server', 20_000],
      ] as const) {
        const spanExporter = await createOtlpSpanExporter({
          protocol,
          endpoint: protocol === 'grpc' ? grpc : http,
        });
        const agent = new HopSpanExporter({ spanExporter });
        agent.onHops([makeHop(role, betweenNs)]);
        await agent.shutdown();
        assert.equal(agent.counters().sent, 1);
      }
      await service.stop();
      assert.deepEqual(downstream.spans().map(roundTripOf).toSorted(), [String(50_000 - 20_019), undefined]);
      checkSum(service);
    });
  }

  it('sends on what has no client’s part byte by byte as it came', async () => {
    await using downstream = await Downstream.start();
    await using started = await startService({ endpoint: downstream.grpc });
    // A field of a later version: number 100, length 3.
    const bytes = Buffer.concat([
      encodeRequest(makeRequest([makeSpan()])),
      Buffer.from([0xa2, 6, 3, 1, 2, 3]),
    ]);
    assert.equal((await started.post(bytes)).status, 200);
    await until(() => downstream.requests.length === 1, 'the request');
    assert.deepEqual(downstream.requests[0], bytes);
  });

  it('takes gzip, and says what it does not take', async () => {
    await using downstream = await Downstream.start();
    await using started = await startService({ endpoint: downstream.grpc });
    const { post, service } = started;
    const bytes = encodeRequest(makeRequest([makeSpan()]));
    assert.equal((await post(gzipSync(bytes), { 'content-encoding': 'gzip' })).status, 200);
    const json = await post(Buffer.from('{}'), { 'content-type': 'application/json' });
    assert.equal(json.status, 415);
    assert.match(await json.text(), /application\/json.*expected application\/x-protobuf/);
    assert.equal((await post(Buffer.from('nonsense'))).status, 400);
    assert.equal((await post(Buffer.from('nonsense'), { 'content-encoding': 'gzip' })).status, 400);
    const { http } = service.endpoints();
    assert.equal((await fetch(`${http}/v1/traces`)).status, 405);
    assert.equal((await fetch(`${http}/v1/metrics`, { method: 'POST' })).status, 404);
    await until(() => downstream.spans().length === 1, 'the span');
    assert.equal(service.counters().receiver.requests_malformed, 1);
  });

  it('makes senders wait when it is full, and loses nothing while the endpoint is away', async () => {
    await using downstream = await Downstream.start();
    downstream.answer = 'busy';
    await using started = await startService({ endpoint: downstream.grpc, queueSize: 4 });
    const { post, service } = started;
    const two = encodeRequest(makeRequest([makeSpan(), makeSpan()]));
    assert.equal((await post(two)).status, 200);
    assert.equal((await post(encodeRequest(makeRequest([clientSpan(1), makeSpan()])))).status, 200);
    const refused = await post(two);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    await until(() => downstream.refused > 0, 'an attempt');
    checkSum(service);
    const agent = new HopSpanExporter({
      spanExporter: await createOtlpSpanExporter({
        endpoint: service.endpoints().grpc,
        retryOnFailure: { initialIntervalMillis: 20, maxIntervalMillis: 20 },
      }),
    });
    agent.onHops([makeHop('server', 1)]);
    const flushed = agent.forceFlush();
    await until(() => (agent.counters().retries ?? 0) > 0, 'the agent waits');
    downstream.answer = 'accepted';
    await flushed;
    await until(() => downstream.spans().length === 5, 'all spans');
    await agent.shutdown();
    assert.equal(service.counters().receiver.requests_refused, Number(agent.counters().retries) + 1);
    checkSum(service);
  });

  it('counts what the endpoint refuses for good', async () => {
    await using downstream = await Downstream.start();
    downstream.answer = 'malformed';
    for (const [protocol, endpoint] of [
      ['grpc', downstream.grpc],
      ['http/protobuf', downstream.http],
    ] as const) {
      await using started = await startService({ endpoint, protocol });
      await started.post(encodeRequest(makeRequest([makeSpan()])));
      await until(() => started.service.counters().forwarder.dropped_rejected === 1, 'the refusal');
      checkSum(started.service);
    }
  });

  it('goes on with what it holds when it is stopped, and takes nothing more', async () => {
    await using downstream = await Downstream.start();
    const { service, post } = await startService({ endpoint: downstream.grpc, holdMillis: 60_000 });
    await post(encodeRequest(makeRequest([clientSpan(1000)])));
    await post(encodeRequest(makeRequest([serverSpan(400)])));
    assert.equal(service.counters().stitcher.held, 1);
    await service.stop();
    assert.deepEqual(downstream.spans().map(roundTripOf), [undefined, '570']);
    assert.equal(service.accept(encodeRequest(makeRequest([makeSpan()]))), 'busy');
    checkSum(service);
  });

  it('counts what it could not send before it had to stop', async () => {
    // Port 9 (discard) of loopback: nobody listens.
    const { service, post } = await startService({
      endpoint: 'http://127.0.0.1:9',
      shutdownTimeoutMillis: 50,
    });
    await post(encodeRequest(makeRequest([makeSpan(), clientSpan(1)])));
    await service.stop();
    assert.equal(service.counters().forwarder.dropped_shutdown, 2);
    checkSum(service);
  });

  it('tells how it is', async () => {
    await using downstream = await Downstream.start();
    const { service, post } = await startService({ endpoint: downstream.grpc });
    const { status } = service.endpoints();
    await post(encodeRequest(makeRequest([clientSpan(1000), serverSpan(400)])));
    await until(() => downstream.spans().length === 2, 'both spans');
    assert.deepEqual(await (await fetch(`${status}/`)).json(), { status: 'ok' });
    const metrics = await (await fetch(`${status}/metrics`)).text();
    assert.match(metrics, /^hopspan_stitcher_stitcher_stitched_total 1(\.0)?$/m);
    assert.match(metrics, /^# TYPE hopspan_stitcher_forwarder_queued gauge$/m);
    assert.match(metrics, /^hopspan_wire_round_trip_duration_seconds_count 1$/m);
    assert.ok(metrics.endsWith('# EOF\n'));
    const counters = (await (await fetch(`${status}/debug/counters`)).json()) as { stitcher: object };
    assert.deepEqual(counters, service.counters());
    assert.equal((await fetch(`${status}/x`)).status, 404);
    await service.stop();
    await assert.rejects(fetch(`${status}/`));
  });

  it('leaves nothing open when it cannot listen', async () => {
    await using downstream = await Downstream.start();
    const taken = downstream.http.replace('http://', '');
    const service = new StitcherService({
      endpoint: downstream.grpc,
      protocol: 'grpc',
      status: '127.0.0.1:0',
      http: taken,
      holdMillis: 1,
      maxRequests: 1,
      queueSize: 1,
      shutdownTimeoutMillis: 100,
      log,
    });
    await assert.rejects(service.start(), /EADDRINUSE/);
    const { status } = service.endpoints();
    await assert.rejects(fetch(`${status}/`));
  });
});
