// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hop, HopConsumer, HopProcessor, HopReceiver, HopSink, LostMessage } from '../src/index.ts';
import { createPipeline } from '../src/pipeline.ts';
import { recordDiag } from './diag-recorder.ts';
import { makeHops } from './make-hop.ts';

/** Hands over what the test gives it, and writes down what is called on it. */
class FakeReceiver implements HopReceiver {
  readonly calls: string[];
  consumer: HopSink | undefined;
  held: Hop[] = [];
  constructor(calls: string[] = []) {
    this.calls = calls;
  }
  async start(consumer: HopSink): Promise<void> {
    this.calls.push('receiver.start');
    this.consumer = consumer;
  }
  emit(hops: readonly Hop[]): void {
    this.consumer?.onHops(hops);
  }
  async forceFlush(): Promise<void> {
    this.calls.push('receiver.forceFlush');
    this.emit(this.held.splice(0));
  }
  async shutdown(): Promise<void> {
    this.calls.push('receiver.shutdown');
    this.emit(this.held.splice(0));
  }
  counters() {
    return {};
  }
}

class FakeExporter implements HopConsumer {
  readonly name: string;
  readonly calls: string[];
  readonly batches: number[][] = [];
  constructor(name = 'exporter', calls: string[] = []) {
    this.name = name;
    this.calls = calls;
  }
  get positions(): number[] {
    return this.batches.flat();
  }
  onHops(hops: readonly Hop[]): void {
    this.batches.push(hops.map((hop) => hop.streamPosition));
  }
  async forceFlush(): Promise<void> {
    this.calls.push(`${this.name}.forceFlush after ${this.positions.length}`);
  }
  async shutdown(): Promise<void> {
    this.calls.push(`${this.name}.shutdown after ${this.positions.length}`);
  }
  counters() {
    return {};
  }
}

const processor = (process: HopProcessor['process'], calls: string[] = []): HopProcessor => ({
  process,
  forceFlush: async () => void calls.push('processor.forceFlush'),
  shutdown: async () => void calls.push('processor.shutdown'),
  counters: () => ({}),
});

const never = () => Promise.withResolvers<void>().promise;

function assertConserved(counters: ReturnType<ReturnType<typeof createPipeline>['counters']>): void {
  const { received, delivered, dropped_queue_full, dropped_by_processor, dropped_shutdown, queued } =
    counters;
  assert.equal(received, delivered + dropped_queue_full + dropped_by_processor + dropped_shutdown + queued);
}

describe('createPipeline', () => {
  const lines = recordDiag();

  it('hands hops through the processors to every exporter, in order', async () => {
    const receiver = new FakeReceiver();
    const exporters = [new FakeExporter(), new FakeExporter()];
    const even = processor((hops) => hops.filter((hop) => hop.streamPosition % 2 === 0));
    const big = processor((hops) => hops.filter((hop) => hop.streamPosition > 3));
    const pipeline = createPipeline({ receiver, processors: [even, big], exporters });
    await pipeline.start();
    receiver.emit(makeHops(10));
    await pipeline.forceFlush();
    for (const exporter of exporters) assert.deepEqual(exporter.positions, [4, 6, 8]);
    const counters = pipeline.counters();
    assert.equal(counters.delivered, 3);
    assert.equal(counters.dropped_by_processor, 7);
    assertConserved(counters);
  });

  it('hands lost messages through the processors that want them to the exporters that do', async () => {
    const receiver = new FakeReceiver();
    const got: number[] = [];
    const wanting = Object.assign(new FakeExporter(), {
      onLost: (lost: readonly LostMessage[]) => void got.push(...lost.map(({ copies }) => copies)),
    });
    const throwing = Object.assign(new FakeExporter(), {
      onLost: () => {
        throw new Error('no');
      },
    });
    const few = {
      ...processor((hops) => hops),
      processLost: (lost: readonly LostMessage[]) => lost.slice(1),
    };
    const pipeline = createPipeline({
      receiver,
      processors: [processor((hops) => hops), few],
      exporters: [new FakeExporter(), throwing, wanting],
    });
    await pipeline.start();
    const { kind, context, from, clockOffsetNs, streamPosition } = makeHops(1)[0] as Hop;
    const lost = { kind, context, from, clockOffsetNs, streamPosition, durationNs: 1, retransmission: 0 };
    receiver.consumer?.onLost?.([1, 2].map((copies) => ({ ...lost, copies, evidence: 'retransmission' })));
    await pipeline.shutdown();
    receiver.consumer?.onLost?.([{ ...lost, copies: 3, evidence: 'retransmission' }]);
    assert.deepEqual(got, [2]);
    const {
      lost_received,
      lost_delivered,
      lost_dropped_by_processor,
      lost_dropped_shutdown,
      exporter_errors,
    } = pipeline.counters();
    assert.deepEqual(
      [lost_received, lost_delivered, lost_dropped_by_processor, lost_dropped_shutdown, exporter_errors],
      [3, 1, 1, 1, 1],
    );
    assert.ok(lines.some((line) => line.includes('an exporter threw')));
  });

  it('returns to the receiver before it hands anything on', async () => {
    const receiver = new FakeReceiver();
    const exporter = new FakeExporter();
    const pipeline = createPipeline({ receiver, exporters: [exporter] });
    await pipeline.start();
    receiver.emit(makeHops(1));
    assert.equal(exporter.positions.length, 0);
    assert.equal(pipeline.counters().queued, 1);
    await pipeline.forceFlush();
    assert.equal(exporter.positions.length, 1);
  });

  it('lets the event loop turn between batches', async () => {
    const receiver = new FakeReceiver();
    const exporter = new FakeExporter();
    const pipeline = createPipeline({ receiver, exporters: [exporter], maxBatchSize: 4 });
    await pipeline.start();
    receiver.emit(makeHops(10));
    const seen: number[] = [];
    const watch = () => {
      seen.push(exporter.batches.length);
      if (exporter.positions.length < 10) setImmediate(watch);
    };
    setImmediate(watch);
    await pipeline.forceFlush();
    assert.deepEqual(
      exporter.batches.map((batch) => batch.length),
      [4, 4, 2],
    );
    assert.ok(seen.includes(1) && seen.includes(2), `batches seen by other work: ${seen}`);
  });

  it('goes on after the queue has run empty', async () => {
    const receiver = new FakeReceiver();
    const exporter = new FakeExporter();
    const pipeline = createPipeline({ receiver, exporters: [exporter] });
    await pipeline.start();
    await pipeline.forceFlush();
    for (let round = 0; round < 3; round += 1) {
      receiver.emit(makeHops(2));
      await pipeline.forceFlush();
    }
    assert.equal(exporter.positions.length, 6);
  });

  it('drops and counts exactly what the queue cannot hold, oldest kept', async () => {
    const receiver = new FakeReceiver();
    const exporter = new FakeExporter();
    const pipeline = createPipeline({ receiver, exporters: [exporter], maxQueueSize: 5 });
    await pipeline.start();
    receiver.emit(makeHops(8));
    assertConserved(pipeline.counters());
    await pipeline.forceFlush();
    assert.deepEqual(exporter.positions, [0, 1, 2, 3, 4]);
    assert.equal(pipeline.counters().dropped_queue_full, 3);
    assertConserved(pipeline.counters());
  });

  it('keeps an exporter that throws from the others, and logs a burst once', async () => {
    const receiver = new FakeReceiver();
    const good = new FakeExporter();
    const bad = Object.assign(new FakeExporter(), {
      onHops: () => {
        throw new Error('broken');
      },
    });
    const pipeline = createPipeline({ receiver, exporters: [bad, good], maxBatchSize: 1 });
    await pipeline.start();
    const before = lines.length;
    receiver.emit(makeHops(5));
    await pipeline.forceFlush();
    assert.equal(good.positions.length, 5);
    assert.equal(pipeline.counters().exporter_errors, 5);
    assert.equal(lines.slice(before).filter((line) => line.includes('an exporter threw')).length, 1);
  });

  it('sends a batch on unchanged when a processor throws', async () => {
    const receiver = new FakeReceiver();
    const exporter = new FakeExporter();
    const broken = processor(() => {
      throw new Error('broken');
    });
    const pipeline = createPipeline({ receiver, processors: [broken], exporters: [exporter] });
    await pipeline.start();
    receiver.emit(makeHops(3));
    await pipeline.forceFlush();
    assert.deepEqual(exporter.positions, [0, 1, 2]);
    assert.equal(pipeline.counters().processor_errors, 1);
    assertConserved(pipeline.counters());
  });

  it('flushes and shuts down in the order of the data, so that held hops arrive', async () => {
    const calls: string[] = [];
    const receiver = new FakeReceiver(calls);
    const exporter = new FakeExporter('exporter', calls);
    const pipeline = createPipeline({
      receiver,
      processors: [processor((hops) => hops, calls)],
      exporters: [exporter],
    });
    await pipeline.start();
    receiver.held.push(...makeHops(2));
    await pipeline.forceFlush();
    receiver.held.push(...makeHops(3, 2));
    await pipeline.shutdown();
    assert.deepEqual(calls, [
      'receiver.start',
      'receiver.forceFlush',
      'processor.forceFlush',
      'exporter.forceFlush after 2',
      'receiver.shutdown',
      'processor.shutdown',
      'exporter.shutdown after 5',
    ]);
  });

  it('shuts everything down once, whoever asks how often', async () => {
    const calls: string[] = [];
    const pipeline = createPipeline({
      receiver: new FakeReceiver(calls),
      exporters: [new FakeExporter('e', calls)],
    });
    await pipeline.start();
    const first = pipeline.shutdown();
    assert.equal(pipeline.shutdown(), first);
    await first;
    await pipeline.forceFlush();
    assert.deepEqual(calls, ['receiver.start', 'receiver.shutdown', 'e.shutdown after 0']);
  });

  it('counts hops that come after shutdown', async () => {
    const receiver = new FakeReceiver();
    const pipeline = createPipeline({ receiver, exporters: [new FakeExporter()] });
    await pipeline.start();
    await pipeline.shutdown();
    receiver.emit(makeHops(2));
    assert.equal(pipeline.counters().dropped_shutdown, 2);
    assertConserved(pipeline.counters());
  });

  it('shuts the others down when one fails, and counts the failure', async () => {
    const calls: string[] = [];
    const receiver = Object.assign(new FakeReceiver(), { shutdown: () => Promise.reject(new Error('no')) });
    const bad = Object.assign(new FakeExporter(), {
      shutdown: () => {
        throw new Error('at once');
      },
    });
    const pipeline = createPipeline({ receiver, exporters: [bad, new FakeExporter('good', calls)] });
    await pipeline.start();
    await pipeline.shutdown();
    assert.deepEqual(calls, ['good.shutdown after 0']);
    assert.equal(pipeline.counters().lifecycle_errors, 2);
  });

  it('does not wait for ever for one that hangs', async () => {
    const calls: string[] = [];
    const receiver = Object.assign(new FakeReceiver(), { shutdown: never, forceFlush: never });
    const pipeline = createPipeline({
      receiver,
      exporters: [Object.assign(new FakeExporter(), { shutdown: never }), new FakeExporter('good', calls)],
      flushTimeoutMillis: 30,
      shutdownTimeoutMillis: 30,
    });
    await pipeline.start();
    await pipeline.forceFlush();
    await pipeline.shutdown();
    assert.deepEqual(calls, ['good.forceFlush after 0', 'good.shutdown after 0']);
    assert.equal(pipeline.counters().lifecycle_timeouts, 3);
  });

  it('gives a slow one most of the time that the others do not need', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const detached = Promise.withResolvers<void>();
    const receiver = Object.assign(new FakeReceiver(), { shutdown: () => detached.promise });
    const calls: string[] = [];
    const exporters = [new FakeExporter('e', calls)];
    const pipeline = createPipeline({ receiver, exporters, shutdownTimeoutMillis: 60_000 });
    await pipeline.start();
    const stopped = pipeline.shutdown();
    await new Promise(setImmediate);
    // Of three stages; the other two keep ten seconds each.
    context.mock.timers.tick(35_000);
    detached.resolve();
    await stopped;
    assert.deepEqual(calls, ['e.shutdown after 0']);
    assert.equal(pipeline.counters().lifecycle_timeouts, 0);
  });

  it("rejects start with the receiver's own error, and can be shut down after that", async () => {
    const error = Object.assign(new Error('no capability'), { code: 'HOPSPAN_ERR_CAPABILITY' });
    const receiver = Object.assign(new FakeReceiver(), { start: () => Promise.reject(error) });
    const pipeline = createPipeline({ receiver, exporters: [new FakeExporter()] });
    await assert.rejects(pipeline.start(), error);
    await pipeline.shutdown();
    assert.equal(pipeline.counters().lifecycle_errors, 0);
  });

  it('starts the receiver once, and never after shutdown', async () => {
    const receiver = new FakeReceiver();
    const pipeline = createPipeline({ receiver, exporters: [new FakeExporter()] });
    await Promise.all([pipeline.start(), pipeline.start()]);
    assert.deepEqual(receiver.calls, ['receiver.start']);
    await pipeline.shutdown();
    await assert.rejects(pipeline.start(), { code: 'HOPSPAN_ERR_PIPELINE_CLOSED' });
  });

  it('waits for a start that is under way before it shuts the receiver down', async () => {
    const order: string[] = [];
    const started = Promise.withResolvers<void>();
    const receiver = Object.assign(new FakeReceiver(), {
      start: () => started.promise.then(() => void order.push('started')),
      shutdown: async () => void order.push('shut down'),
    });
    const pipeline = createPipeline({ receiver, exporters: [new FakeExporter()] });
    const start = pipeline.start();
    const shutdown = pipeline.shutdown();
    started.resolve();
    await Promise.all([start, shutdown]);
    assert.deepEqual(order, ['started', 'shut down']);
  });

  it('refuses options that cannot work', () => {
    const receiver = new FakeReceiver();
    const exporters = [new FakeExporter()];
    const code = 'HOPSPAN_ERR_INVALID_OPTION';
    assert.throws(() => createPipeline({ receiver, exporters: [] }), { code, message: /exporters/ });
    for (const option of ['maxQueueSize', 'maxBatchSize', 'flushTimeoutMillis', 'shutdownTimeoutMillis']) {
      assert.throws(() => createPipeline({ receiver, exporters, [option]: 0 }), {
        code,
        message: new RegExp(option),
      });
    }
  });
});
