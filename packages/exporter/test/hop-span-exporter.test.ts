// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { HopDurationHistogram } from '../src/hop-duration-histogram.ts';
import { HopSpanExporter } from '../src/hop-span-exporter.ts';
import { RetryingSpanExporter } from '../src/retrying-span-exporter.ts';
import type { ReadableSpanLike } from '../src/types.ts';
import { codedError, FakeSpanExporter, UNAVAILABLE } from './fake-span-exporter.ts';
import { makeHop, makeLost, PARENT_ID, TRACE_ID } from './make-hop.ts';

const unsampled = { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 2 };
const NONE_LOST = { lost: 0, lost_spans: 0, lost_unsampled: 0, lost_failed: 0 };
const resource = { attributes: { 'service.name': 'mine' } };

describe('HopSpanExporter', () => {
  it('hands one span per sampled hop to a span processor', async () => {
    const ended: ReadableSpanLike[] = [];
    const spanProcessor = {
      onEnd: (span: ReadableSpanLike) => void ended.push(span),
      forceFlush: async () => void ended.reverse(),
      shutdown: async () => void ended.splice(0),
    };
    const exporter = new HopSpanExporter({ spanProcessor, resource });
    exporter.onHops([makeHop(), makeHop({ direction: 'receive' }), makeHop({ context: unsampled })]);
    assert.deepEqual(
      ended.map((span) => span.name),
      ['overlay transmit', 'overlay receive'],
    );
    assert.equal(ended[0]?.resource, resource);
    await exporter.forceFlush();
    assert.equal(ended[0]?.name, 'overlay receive');
    await exporter.shutdown();
    assert.equal(ended.length, 0);
    assert.deepEqual(exporter.counters(), { ...NONE_LOST, hops: 3, spans: 2, unsampled_hops: 1, failed: 0 });
  });

  it('makes an error span of a lost message', () => {
    const ended: ReadableSpanLike[] = [];
    const spanProcessor = {
      onEnd: (span: ReadableSpanLike) => {
        if (ended.push(span) > 1) throw new Error('full');
      },
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    };
    const exporter = new HopSpanExporter({ spanProcessor, resource });
    exporter.onLost([makeLost(), makeLost({ context: unsampled }), makeLost()]);
    assert.deepEqual(
      [ended[0]?.name, ended[0]?.status, ended[0]?.parentSpanContext?.spanId, ended[0]?.resource],
      ['overlay lost', { code: 2, message: 'lost after veth1a2b: NETFILTER_DROP' }, PARENT_ID, resource],
    );
    const { lost, lost_spans, lost_unsampled, lost_failed } = exporter.counters();
    assert.deepEqual([lost, lost_spans, lost_unsampled, lost_failed], [3, 1, 1, 1]);
  });

  it("works over the SDK's own processors and exporters", async () => {
    for (const make of [
      (memory: InMemorySpanExporter) => new SimpleSpanProcessor(memory),
      (memory: InMemorySpanExporter) => new BatchSpanProcessor(memory),
    ]) {
      const memory = new InMemorySpanExporter();
      const exporter = new HopSpanExporter({ spanProcessor: make(memory) });
      exporter.onHops([makeHop(), makeHop()]);
      await exporter.forceFlush();
      const finished = memory.getFinishedSpans();
      assert.deepEqual(
        finished.map((span) => span.resource.attributes['service.name']),
        ['overlay-network', 'overlay-network'],
      );
      assert.equal(finished[0]?.parentSpanContext?.spanId, PARENT_ID);
      await exporter.shutdown();
    }
  });

  it('batches for an exporter through a queue of its own, and shows the counters of both', async () => {
    const inner = new FakeSpanExporter();
    inner.outcomes.push(codedError(UNAVAILABLE));
    const retryOnFailure = { initialIntervalMillis: 1, maxIntervalMillis: 1 };
    const spanExporter = new RetryingSpanExporter(inner, { retryOnFailure });
    const exporter = new HopSpanExporter({ spanExporter, sendingQueue: { batchSize: 2 } });
    exporter.onHops([makeHop(), makeHop(), makeHop()]);
    await exporter.shutdown();
    assert.deepEqual(
      inner.batches.map((batch) => batch.length),
      [2, 2, 1],
    );
    const counters = exporter.counters();
    assert.equal(counters.hops, 3);
    assert.equal(counters.sent, 3);
    assert.equal(counters.retries, 1);
  });

  it('counts spans a processor refuses, and goes on', () => {
    const spanProcessor = {
      onEnd: () => {
        throw new Error('broken');
      },
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    };
    const exporter = new HopSpanExporter({ spanProcessor });
    exporter.onHops([makeHop(), makeHop()]);
    assert.deepEqual(exporter.counters(), { ...NONE_LOST, hops: 2, spans: 0, unsampled_hops: 0, failed: 2 });
  });

  it("points the histogram's exemplars at the hop's own span", () => {
    const ended: ReadableSpanLike[] = [];
    const spanProcessor = {
      onEnd: (span: ReadableSpanLike) => void ended.push(span),
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    };
    const histogram = new HopDurationHistogram();
    new HopSpanExporter({ spanProcessor, histogram }).onHops([makeHop()]);
    assert.match(histogram.toOpenMetrics(), new RegExp(`span_id="${ended[0]?.spanContext().spanId}"`));
  });

  it('wants exactly one of processor and exporter', () => {
    const code = 'HOPSPAN_ERR_INVALID_OPTION';
    const both = {
      spanProcessor: new SimpleSpanProcessor(new InMemorySpanExporter()),
      spanExporter: new FakeSpanExporter(),
    };
    assert.throws(() => new HopSpanExporter({}), { code });
    assert.throws(() => new HopSpanExporter(both), { code });
  });
});
