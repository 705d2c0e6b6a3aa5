// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RetryingSpanExporter } from '../src/retrying-span-exporter.ts';
import { SendingQueue } from '../src/sending-queue.ts';
import type { SendingQueueCounters, SendingQueueOptions } from '../src/sending-queue-options.ts';
import { hopToSpan } from '../src/transform.ts';
import { codedError, FakeSpanExporter, INVALID_ARGUMENT, UNAVAILABLE } from './fake-span-exporter.ts';
import { makeHop, PARENT_ID, TRACE_ID } from './make-hop.ts';
import { turns, until } from './until.ts';

const resource = { attributes: {} };
const span = () => hopToSpan(makeHop(), resource);
/** No batch goes out by its own before the test ends. */
const still: SendingQueueOptions = { flushTimeoutMillis: 60_000 };

function setUp(options: SendingQueueOptions) {
  const exporter = new FakeSpanExporter();
  const queue = new SendingQueue(exporter, options);
  const add = (count: number) => {
    for (let i = 0; i < count; i += 1) queue.onEnd(span());
  };
  return { exporter, queue, add };
}

function assertConserved(c: SendingQueueCounters): void {
  const lost = c.dropped_queue_full + c.dropped_retry_expired + c.dropped_rejected + c.dropped_shutdown;
  assert.equal(c.enqueued, c.sent + lost + c.queued + c.in_flight, JSON.stringify(c));
}

describe('SendingQueue', () => {
  it('sends a full batch without waiting', async () => {
    const { exporter, queue, add } = setUp({ ...still, batchSize: 3 });
    add(7);
    await until(() => queue.counters().sent === 6);
    assert.deepEqual(
      exporter.batches.map((batch) => batch.length),
      [3, 3],
    );
    assert.equal(queue.counters().queued, 1);
    await queue.shutdown();
    assert.equal(exporter.spans.length, 7);
  });

  it('sends a part of a batch when its time is up', async () => {
    const { exporter, queue, add } = setUp({ flushTimeoutMillis: 5 });
    add(2);
    assert.equal(exporter.batches.length, 0);
    await until(() => queue.counters().sent === 2);
    add(1);
    await until(() => queue.counters().sent === 3);
    assert.equal(queue.counters().batches, 2);
  });

  it('has one batch under way at a time, and keeps the order', async () => {
    const { exporter, queue, add } = setUp({ ...still, batchSize: 1 });
    exporter.held = [];
    const spans = [span(), span(), span()];
    for (const s of spans) queue.onEnd(s);
    assert.equal(exporter.batches.length, 1);
    assert.equal(queue.counters().in_flight, 1);
    exporter.release();
    await queue.forceFlush();
    assert.deepEqual(exporter.spans, spans);
    add(0);
  });

  it('drops and counts exactly what the queue cannot hold', async () => {
    const { exporter, queue, add } = setUp({ ...still, queueSize: 5, batchSize: 2 });
    exporter.held = [];
    add(10);
    // Two are under way, five wait.
    assert.equal(queue.counters().dropped_queue_full, 3);
    assertConserved(queue.counters());
    exporter.release();
    await queue.forceFlush();
    assert.equal(exporter.spans.length, 7);
    assertConserved(queue.counters());
  });

  it('takes no unsampled span', async () => {
    const { exporter, queue } = setUp(still);
    queue.onEnd(
      hopToSpan(makeHop({ context: { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 2 } }), resource),
    );
    await queue.forceFlush();
    assert.equal(exporter.batches.length, 0);
    assert.equal(queue.counters().unsampled, 1);
    assert.equal(queue.counters().enqueued, 0);
  });

  it('flushes what is queued now, and does not wait for what comes later', async () => {
    const { exporter, queue, add } = setUp({ ...still, batchSize: 2 });
    add(1);
    exporter.held = [];
    const flushed = queue.forceFlush();
    add(5);
    exporter.release();
    exporter.held = [];
    await flushed;
    assert.equal(queue.counters().sent, 1);
    exporter.release();
    await queue.shutdown();
  });

  it('asks the exporter not to wait any longer on forceFlush', async () => {
    const inner = new FakeSpanExporter();
    inner.outcomes.push(codedError(UNAVAILABLE));
    const retryOnFailure = { initialIntervalMillis: 60_000, maxIntervalMillis: 60_000 };
    const queue = new SendingQueue(new RetryingSpanExporter(inner, { retryOnFailure }), { batchSize: 1 });
    queue.onEnd(span());
    await until(() => inner.batches.length === 1);
    await turns();
    await queue.forceFlush();
    assert.equal(queue.counters().sent, 1);
  });

  it('counts by reason what the exporter could not deliver', async () => {
    const reasons = {
      HOPSPAN_ERR_EXPORT_RETRY_EXPIRED: 'dropped_retry_expired',
      HOPSPAN_ERR_EXPORT_REJECTED: 'dropped_rejected',
      HOPSPAN_ERR_EXPORT_SHUTDOWN: 'dropped_shutdown',
      ANYTHING_ELSE: 'dropped_rejected',
    } as const;
    for (const [code, counter] of Object.entries(reasons)) {
      const { exporter, queue, add } = setUp(still);
      exporter.outcomes.push(codedError(code));
      add(4);
      await queue.forceFlush();
      assert.equal(queue.counters()[counter], 4, code);
      assertConserved(queue.counters());
    }
  });

  it('goes on after an exporter that throws', async () => {
    const { exporter, queue, add } = setUp({ ...still, batchSize: 1 });
    const { export: working } = exporter;
    exporter.export = () => {
      exporter.export = working;
      throw new Error('broken');
    };
    add(2);
    await queue.forceFlush();
    assert.equal(queue.counters().dropped_rejected, 1);
    assert.equal(queue.counters().sent, 1);
  });

  it('sends everything on shutdown, then shuts the exporter down, once', async () => {
    const { exporter, queue, add } = setUp({ ...still, batchSize: 4 });
    add(10);
    const first = queue.shutdown();
    assert.equal(queue.shutdown(), first);
    await first;
    assert.equal(exporter.spans.length, 10);
    assert.deepEqual(exporter.calls, ['forceFlush', 'shutdown']);
    assertConserved(queue.counters());
  });

  it('counts spans that come after shutdown', async () => {
    const { exporter, queue, add } = setUp(still);
    await queue.shutdown();
    add(3);
    assert.equal(queue.counters().dropped_shutdown, 3);
    assert.equal(exporter.batches.length, 0);
    assertConserved(queue.counters());
  });

  it('gives up in time when the endpoint stays away, and counts what it held', async () => {
    const inner = new FakeSpanExporter();
    for (let i = 0; i < 1000; i += 1) inner.outcomes.push(codedError(UNAVAILABLE));
    const retryOnFailure = { initialIntervalMillis: 1, maxIntervalMillis: 1 };
    const queue = new SendingQueue(new RetryingSpanExporter(inner, { retryOnFailure }), {
      batchSize: 2,
      shutdownTimeoutMillis: 20,
    });
    for (let i = 0; i < 5; i += 1) queue.onEnd(span());
    await queue.shutdown();
    assert.equal(queue.counters().dropped_shutdown, 5);
    assertConserved(queue.counters());
    assert.deepEqual(inner.calls.at(-1), 'shutdown');
    const exports = inner.batches.length;
    await turns();
    assert.equal(inner.batches.length, exports);
  });

  it('gives up an export that never answers, and counts it once when it does after all', async () => {
    const { exporter, queue, add } = setUp({ batchSize: 2, shutdownTimeoutMillis: 10 });
    exporter.held = [];
    exporter.shutdown = () => Promise.withResolvers<void>().promise;
    add(5);
    await queue.shutdown();
    assert.equal(queue.counters().dropped_shutdown, 5);
    exporter.release();
    await turns();
    assert.equal(queue.counters().sent, 0);
    assertConserved(queue.counters());
  });

  it('returns from forceFlush in time while the endpoint is away, and loses nothing by it', async () => {
    const { exporter, queue, add } = setUp({ ...still, forceFlushTimeoutMillis: 10 });
    exporter.held = [];
    add(2);
    await queue.forceFlush();
    assert.equal(queue.counters().in_flight, 2);
    exporter.release();
    await queue.shutdown();
    assert.equal(queue.counters().sent, 2);
  });

  it('conserves spans whatever happens, at every moment', async () => {
    const step = fc.oneof(
      fc.record({ add: fc.nat(6) }),
      fc.record({
        outcome: fc.constantFrom(undefined, INVALID_ARGUMENT, 'HOPSPAN_ERR_EXPORT_RETRY_EXPIRED'),
      }),
      fc.constantFrom('turn', 'flush', 'hold', 'release'),
    );
    const run = async (steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
      const { exporter, queue, add } = setUp({
        queueSize: 7,
        batchSize: 3,
        flushTimeoutMillis: 1,
      });
      const flushes: Promise<void>[] = [];
      for (const s of steps) {
        if (s === 'turn') await turns();
        else if (s === 'flush') flushes.push(queue.forceFlush());
        else if (s === 'hold') exporter.held ??= [];
        else if (s === 'release') exporter.release();
        else if (typeof s === 'string') continue;
        else if ('add' in s) add(s.add);
        else exporter.outcomes.push(s.outcome === undefined ? undefined : codedError(s.outcome));
        assertConserved(queue.counters());
      }
      exporter.release();
      await Promise.all(flushes);
      await queue.shutdown();
      const counters = queue.counters();
      assertConserved(counters);
      assert.equal(counters.queued + counters.in_flight, 0);
      assert.equal(counters.dropped_shutdown, 0);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), run), { numRuns: 200 });
  });

  it('refuses options that cannot work, by name', () => {
    for (const name of [
      'queueSize',
      'batchSize',
      'flushTimeoutMillis',
      'forceFlushTimeoutMillis',
      'shutdownTimeoutMillis',
    ]) {
      const make = () => new SendingQueue(new FakeSpanExporter(), { [name]: 0 });
      assert.throws(make, {
        code: 'HOPSPAN_ERR_INVALID_OPTION',
        message: new RegExp(`SendingQueue.*${name}`),
      });
    }
  });
});
