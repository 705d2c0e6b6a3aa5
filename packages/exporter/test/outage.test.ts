// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { HopSpanExporter } from '../src/hop-span-exporter.ts';
import { createOtlpSpanExporter } from '../src/otlp-span-exporter.ts';
import type { SendingQueueCounters, SendingQueueOptions } from '../src/sending-queue-options.ts';
import { makeHop } from './make-hop.ts';
import { OtlpServer } from './otlp-server.ts';
import { until } from './until.ts';

/* 2,000 spans/s. The spans are counted and not the seconds, so that a slow machine has the same outage. */
const TICK_MS = 50;
const SPANS_PER_TICK = 100;
const MADE = 17_000;
/* Far more than it takes: no more than a bound for a test that hangs. */
const SETTLE_MS = 120_000;
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Hands over hops at a steady rate, in bursts as a drained ring buffer does. */
async function feed(exporter: HopSpanExporter, count: number): Promise<void> {
  for (let made = 0; made < count; made += SPANS_PER_TICK) {
    exporter.onHops(Array.from({ length: SPANS_PER_TICK }, () => makeHop()));
    await sleep(TICK_MS);
  }
}

/** The collector gets 3,000 spans, is gone while 10,000 more come, is back, and gets 4,000 more. */
async function runOutage(sendingQueue: SendingQueueOptions) {
  const server = new OtlpServer();
  await server.start();
  const spanExporter = await createOtlpSpanExporter({ endpoint: server.endpoint });
  const exporter = new HopSpanExporter({ spanExporter, sendingQueue });
  const counters = () =>
    exporter.counters() as unknown as SendingQueueCounters & { hops: number; spans: number; retries: number };
  const settled = () => counters().queued + counters().in_flight === 0;
  await feed(exporter, 3000);
  server.stop();
  await feed(exporter, 10_000);
  const retries = counters().retries;
  await server.start();
  await until(settled, SETTLE_MS);
  await feed(exporter, 4000);
  await until(settled, SETTLE_MS);
  await exporter.shutdown();
  server.stop();
  return { retries, received: server.spanIds.size, duplicates: server.duplicates, counters: counters() };
}

function lostBy(c: SendingQueueCounters): number {
  return c.dropped_queue_full + c.dropped_retry_expired + c.dropped_rejected + c.dropped_shutdown;
}

function report(t: TestContext, result: Awaited<ReturnType<typeof runOutage>>): void {
  const { retries, received, duplicates, counters } = result;
  t.diagnostic(
    `retries in the outage ${retries}, received ${received}, duplicates ${duplicates}, counters ${JSON.stringify(counters)}`,
  );
}

describe('a collector that is gone for 5 s under 2,000 spans/s', { concurrency: true }, () => {
  it('costs no span with the default queue', async (t) => {
    const result = await runOutage({});
    report(t, result);
    const { retries, received, duplicates, counters } = result;
    assert.ok(retries > 0, 'the outage was not exercised');
    assert.equal(lostBy(counters), 0);
    assert.equal(received, MADE);
    assert.equal(counters.sent, MADE);
    // At most the batch whose answer was cut off with the connection arrives twice.
    assert.ok(duplicates <= 1024);
  });

  it('costs exactly the spans the counters say with a small queue', async (t) => {
    const result = await runOutage({ queueSize: 2000, batchSize: 500 });
    report(t, result);
    const { received, duplicates, counters } = result;
    assert.ok(lostBy(counters) > 0, 'the queue did not overflow');
    assert.equal(counters.enqueued, MADE);
    assert.equal(MADE - received, lostBy(counters));
    assert.equal(counters.sent, received);
    assert.ok(duplicates <= 500);
  });
});
