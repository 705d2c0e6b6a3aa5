// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { credentials } from '@grpc/grpc-js';
import { ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { OtlpCollector } from '../lab/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'hopspan-collector-'));
const socket = join(folder, 'otlp.sock');
const PARENT: SpanContext = {
  traceId: 'ab'.repeat(16),
  spanId: 'cd'.repeat(8),
  traceFlags: 1,
  isRemote: true,
};

after(() => rmSync(folder, { recursive: true }));

/** Sends one span by the stock exporter. */
async function sendSpan(endpoint: string, name: string): Promise<void> {
  const exporter = new OTLPTraceExporter({ url: endpoint, credentials: credentials.createInsecure() });
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const parent = trace.setSpanContext(ROOT_CONTEXT, PARENT);
  const span = provider
    .getTracer('scope-a')
    .startSpan(name, { kind: SpanKind.CLIENT, startTime: [1_700_000_000, 123_456_789] }, parent);
  span.setAttributes({ text: 'x', integer: 2 ** 40, real: 0.5, truth: true, list: ['a', 'b'] });
  span.addEvent('hit', { n: 1 }, [1_700_000_001, 0]);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end([1_700_000_002, 5]);
  await provider.forceFlush();
  await provider.shutdown();
}

describe('OtlpCollector', () => {
  it('decodes every field of a span that came over a unix socket, to the nanosecond', async () => {
    await using collector = await OtlpCollector.start({ socket });
    assert.equal(collector.endpoint, `unix://${socket}`);
    await sendSpan(collector.endpoint, 'call');
    await collector.waitFor((c) => c.trace(PARENT.traceId).length === 1);
    const [span] = collector.trace(PARENT.traceId);
    assert.ok(span);
    assert.match(span.spanId, /^[0-9a-f]{16}$/);
    assert.equal(span.parentSpanId, PARENT.spanId);
    assert.deepEqual([span.name, span.kind, span.scope, span.statusCode], ['call', 'CLIENT', 'scope-a', 2]);
    assert.match(span.service, /^unknown_service/);
    assert.equal(span.startTimeUnixNano, 1_700_000_000_123_456_789n);
    assert.equal(span.endTimeUnixNano, 1_700_000_002_000_000_005n);
    assert.deepEqual(span.attributes, {
      text: 'x',
      integer: 2 ** 40,
      real: 0.5,
      truth: true,
      list: ['a', 'b'],
    });
    assert.deepEqual(span.events, [
      { name: 'hit', timeUnixNano: 1_700_000_001_000_000_000n, attributes: { n: 1 } },
    ]);
    assert.equal(span.flags & 0x301, 0x301, 'sampled, and a parent that is known to be remote');
  });

  it('listens on loopback TCP too, and again on a socket that a killed one left behind', async () => {
    const first = await OtlpCollector.start({ socket, port: 0 });
    const second = await OtlpCollector.start({ socket });
    await sendSpan(first.httpEndpoint as string, 'tcp');
    await sendSpan(second.endpoint, 'unix');
    await Promise.all([first.stop(), second.stop()]);
    assert.deepEqual(
      [first.spans(), second.spans()].map((spans) => spans.map((span) => span.name)),
      [['tcp'], ['unix']],
    );
  });

  it('hands requests on unchanged, and keeps those that come while the other collector is down', async () => {
    const upstream = join(folder, 'upstream.sock');
    await using collector = await OtlpCollector.start({ socket, forwardTo: `unix://${upstream}` });
    await sendSpan(collector.endpoint, 'early');
    assert.equal(collector.counters().forward?.forwarded, 0);
    await using other = await OtlpCollector.start({ socket: upstream });
    await sendSpan(collector.endpoint, 'late');
    await other.waitFor((c) => c.spans().length === 2);
    assert.deepEqual(other.spans(), collector.spans());
    await collector.stop();
    const { forwarded, queued, dropped_shutdown } = collector.counters().forward ?? {};
    assert.deepEqual(
      { forwarded, queued, dropped_shutdown },
      { forwarded: 2, queued: 0, dropped_shutdown: 0 },
    );
  });

  it('counts spans beyond its bound and keeps none of them', async () => {
    await using collector = await OtlpCollector.start({ socket, maxSpans: 1 });
    await sendSpan(collector.endpoint, 'kept');
    await sendSpan(collector.endpoint, 'dropped');
    assert.deepEqual(
      collector.spans().map((span) => span.name),
      ['kept'],
    );
    assert.equal(collector.counters().dropped_full, 1);
    assert.equal(collector.counters().spans, 2);
  });

  it('says what it got when a wait is over', async () => {
    await using collector = await OtlpCollector.start({ socket });
    await sendSpan(collector.endpoint, 'only');
    await assert.rejects(
      collector.waitFor((c) => c.spans().length === 2, 20),
      { code: 'HOPSPAN_ERR_LAB_TIMEOUT', message: /got 1 spans of 1 traces in 1 requests/ },
    );
  });

  it('needs to be told where to listen', async () => {
    await assert.rejects(OtlpCollector.start({}), { code: 'HOPSPAN_ERR_LAB_OPTION' });
  });
});
