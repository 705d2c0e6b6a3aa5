// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { HopSpanExporter } from '../src/hop-span-exporter.ts';
import { createOtlpSpanExporter } from '../src/otlp-span-exporter.ts';
import type { SendingQueueCounters, SendingQueueOptions } from '../src/sending-queue-options.ts';
import { makeHop } from './make-hop.ts';
import { OtlpServer } from './otlp-server.ts';

const SPANS_PER_S = 2000;
const TICK_MS = 50;
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Hands over hops at a steady rate, in bursts as a drained ring buffer does. Returns a stop function. */
function generate(exporter: HopSpanExporter): () => number {
  const start = performance.now();
  let made = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1000) * SPANS_PER_S) - made;
    made += due;
    exporter.onHops(Array.from({ length: due }, () => makeHop()));
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    return made;
  };
}

/** 12 s of spans with the collector gone from second 3 to second 8. */
async function runOutage(sendingQueue: SendingQueueOptions) {
  const server = new OtlpServer();
  await server.start();
  const spanExporter = await createOtlpSpanExporter({ endpoint: server.endpoint });
  const exporter = new HopSpanExporter({ spanExporter, sendingQueue });
  const stop = generate(exporter);
  await sleep(3000);
  server.stop();
  await sleep(5000);
  await server.start();
  await sleep(4000);
  const made = stop();
  await exporter.shutdown();
  server.stop();
  const counters = exporter.counters() as unknown as SendingQueueCounters & {
    hops: number;
    spans: number;
    retries: number;
  };
  return { made, received: server.spanIds.size, duplicates: server.duplicates, counters };
}

function lostBy(c: SendingQueueCounters): number {
  return c.dropped_queue_full + c.dropped_retry_expired + c.dropped_rejected + c.dropped_shutdown;
}

function report(t: TestContext, result: Awaited<ReturnType<typeof runOutage>>): void {
  const { made, received, duplicates, counters } = result;
  t.diagnostic(
    `made ${made}, received ${received}, duplicates ${duplicates}, counters ${JSON.stringify(counters)}`,
  );
}

describe('a collector that is gone for 5 s under 2,000 spans/s', { concurrency: true }, () => {
  it('costs no span with the default queue', async (t) => {
    const result = await runOutage({});
    report(t, result);
    const { made, received, duplicates, counters } = result;
    assert.ok(made >= 20_000 && counters.retries > 0, 'the outage was not exercised');
    assert.equal(lostBy(counters), 0);
    assert.equal(received, made);
    assert.equal(counters.sent, made);
    // At most the batch whose answer was cut off with the connection arrives twice.
    assert.ok(duplicates <= 1024);
  });

  it('costs exactly the spans the counters say with a small queue', async (t) => {
    const result = await runOutage({ queueSize: 2000, batchSize: 500 });
    report(t, result);
    const { made, received, duplicates, counters } = result;
    assert.ok(lostBy(counters) > 0, 'the queue did not overflow');
    assert.equal(counters.enqueued, made);
    assert.equal(made - received, lostBy(counters));
    assert.equal(counters.sent, received);
    assert.ok(duplicates <= 500);
  });
});
