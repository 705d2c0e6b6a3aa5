// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hop } from '@hopspan/core';
import { DebugExporter, type DebugExporterOptions } from '../../src/exporters/debug-exporter.ts';
import { makeHop } from '../support/make-hop.ts';

function create(options: Partial<DebugExporterOptions> = {}) {
  const written: string[] = [];
  const exporter = new DebugExporter({
    verbosity: 'detailed',
    write: (text) => written.push(text),
    ...options,
  });
  return { exporter, written };
}

function inTrace(digit: string): Hop {
  const hop = makeHop(0, 1000);
  return { ...hop, context: { ...hop.context, traceId: digit.repeat(32) } };
}

describe('DebugExporter', () => {
  it('holds the hops of a trace together until it is flushed', async () => {
    const { exporter, written } = create();
    exporter.onHops([inTrace('1'), inTrace('2')]);
    exporter.onHops([inTrace('1')]);
    assert.equal(exporter.counters().queued, 3);
    await exporter.forceFlush();
    assert.deepEqual(
      written.map((text) => text.split('  ')[0]),
      [`trace ${'2'.repeat(32)}`, `trace ${'1'.repeat(32)}`],
    );
    assert.deepEqual(exporter.counters(), {
      hops: 3,
      lost: 0,
      traces_printed: 2,
      traces_printed_early: 0,
      queued: 0,
    });
  });

  it('prints a trace that has been quiet, without a flush', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 1000;
    context.mock.method(performance, 'now', () => now);
    const { exporter, written } = create({ quietMillis: 500 });
    exporter.onHops([inTrace('1')]);
    now += 499;
    context.mock.timers.tick(500);
    assert.equal(written.length, 0);
    now += 1;
    context.mock.timers.tick(500);
    assert.equal(written.length, 1);
  });

  it('prints the oldest trace early to stay within its bound', () => {
    const { exporter, written } = create({ maxTraces: 2 });
    exporter.onHops(['1', '2', '3'].map(inTrace));
    assert.equal(written.length, 1);
    assert.match(written[0] ?? '', /^trace 1{32}/);
    assert.equal(exporter.counters().traces_printed_early, 1);
  });

  it('prints a trace early that has too many hops', () => {
    const { exporter, written } = create({ maxHopsPerTrace: 2 });
    exporter.onHops(['1', '1', '1'].map(inTrace));
    assert.match(written[0] ?? '', /2 hops/);
    assert.equal(exporter.counters().queued, 1);
  });

  it('prints one line a batch when it is to be brief', () => {
    const { exporter, written } = create({ verbosity: 'basic' });
    exporter.onHops([inTrace('1'), { ...inTrace('1'), direction: 'receive' }, inTrace('2')]);
    assert.deepEqual(written, ['hops: 3 (transmit 2, receive 1)\n']);
  });

  it('prints what it holds at shutdown, and takes nothing afterwards', async () => {
    const { exporter, written } = create();
    exporter.onHops([inTrace('1')]);
    await exporter.shutdown();
    exporter.onHops([inTrace('2')]);
    assert.equal(written.length, 1);
    assert.equal(exporter.counters().hops, 1);
  });
});
