// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { LostSpan } from '../src/lost-span.ts';
import { HOPSPAN_SCOPE } from '../src/scope.ts';
import { TracerHopExporter } from '../src/tracer-hop-exporter.ts';
import { hopToSpan } from '../src/transform.ts';
import { makeHop, makeLost, PARENT_ID, TRACE_ID } from './make-hop.ts';

function setUp() {
  const memory = new InMemorySpanExporter();
  const sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
  const provider = new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(memory)] });
  return { memory, provider, exporter: new TracerHopExporter({ tracerProvider: provider }) };
}

describe('TracerHopExporter', () => {
  it('makes the same span through a provider as the hot path makes by itself', async () => {
    const { memory, provider, exporter } = setUp();
    exporter.onHops([makeHop()]);
    await exporter.shutdown();
    const [got] = memory.getFinishedSpans();
    const want = hopToSpan(makeHop(), { attributes: {} });
    assert.ok(got !== undefined);
    for (const field of [
      'name',
      'kind',
      'startTime',
      'endTime',
      'duration',
      'attributes',
      'status',
      'ended',
    ] as const) {
      assert.deepEqual(got[field], want[field], field);
    }
    assert.equal(got.parentSpanContext?.spanId, PARENT_ID);
    assert.equal(got.parentSpanContext?.isRemote, true);
    assert.equal(got.spanContext().traceId, TRACE_ID);
    assert.equal(got.instrumentationScope.name, '@hopspan/exporter');
    await provider.shutdown();
  });

  it('makes the same span of a lost message, too', async () => {
    const { memory, provider, exporter } = setUp();
    exporter.onLost([makeLost()]);
    await exporter.forceFlush();
    const [got] = memory.getFinishedSpans();
    const want = new LostSpan(makeLost(), { attributes: {} }, HOPSPAN_SCOPE);
    assert.ok(got !== undefined);
    for (const field of [
      'name',
      'kind',
      'startTime',
      'endTime',
      'duration',
      'attributes',
      'status',
    ] as const) {
      assert.deepEqual(got[field], want[field], field);
    }
    assert.equal(got.parentSpanContext?.spanId, PARENT_ID);
    assert.equal(exporter.counters().lost, 1);
    await provider.shutdown();
  });

  it("counts what the provider's sampler does not want", async () => {
    const { memory, provider, exporter } = setUp();
    exporter.onHops([
      makeHop(),
      makeHop({ context: { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 0 } }),
    ]);
    assert.equal(memory.getFinishedSpans().length, 1);
    assert.deepEqual(exporter.counters(), { hops: 2, spans: 1, unsampled_hops: 1, lost: 0 });
    await provider.shutdown();
  });

  it('leaves the provider open, which is not its own', async () => {
    const { memory, provider, exporter } = setUp();
    await exporter.shutdown();
    provider.getTracer('x').startSpan('later').end();
    assert.equal(memory.getFinishedSpans().length, 1);
    await provider.shutdown();
  });
});
