// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { Hop, LostMessage } from '@hopspan/core';
import { FakeProbe, makeHop, makeLost } from '../../src/testing/index.ts';

describe('FakeProbe', () => {
  it('delivers what is emitted while it runs, and counts the rest as dropped', async () => {
    const probe = new FakeProbe();
    const seen: Hop[] = [];
    const lost: LostMessage[] = [];
    probe.emit(makeHop());
    await probe.start({
      onHops: (hops) => void seen.push(...hops),
      onLost: (messages) => void lost.push(...messages),
    });
    probe.emitLost([makeLost({ copies: 2 })]);
    probe.emit([makeHop(), makeHop({ streamPosition: 7 })]);
    await probe.forceFlush();
    await probe.shutdown();
    probe.emit(makeHop());
    assert.deepEqual(
      seen.map((hop) => hop.streamPosition),
      [100, 7],
    );
    probe.emitLost([makeLost(), makeLost()]);
    assert.deepEqual(
      lost.map(({ copies }) => copies),
      [2],
    );
    assert.deepEqual(probe.counters(), {
      hops_delivered: 2,
      hops_dropped: 2,
      lost_delivered: 1,
      lost_dropped: 2,
      flushes: 1,
    });
    assert.equal(probe.state, 'stopped');
  });

  it('fails to start with the error it was given', async () => {
    const startError = Object.assign(new Error('no'), { code: 'HOPSPAN_ERR_NOT_PERMITTED' });
    const probe = new FakeProbe({ startError });
    await assert.rejects(probe.start({ onHops: () => undefined }), startError);
    assert.equal(probe.state, 'new');
  });

  it('loads no native code', () => {
    const entry = new URL('../../src/testing/index.ts', import.meta.url).href;
    const script = `await import(${JSON.stringify(entry)});
      const report = process.report.getReport();
      console.log(report.sharedObjects.filter((path) => path.endsWith('.node')).length);`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(output.trim(), '0');
  });
});

describe('makeHop', () => {
  it('derives direction and duration from the two ends', () => {
    const hop = makeHop();
    assert.deepEqual([hop.direction, hop.durationNs], ['transmit', 12_000]);
    const back = makeHop({ from: { ...hop.to, monotonicNs: 5n }, to: { ...hop.from, monotonicNs: 9n } });
    assert.deepEqual([back.direction, back.durationNs], ['receive', 4]);
  });

  it('takes overrides at every level', () => {
    const hop = makeHop({ kind: 'response', statusCode: 404, context: { traceFlags: 0 }, durationNs: 1 });
    assert.deepEqual(
      [hop.kind, hop.statusCode, hop.durationNs, hop.context.traceFlags, hop.context.traceId.length],
      ['response', 404, 1, 0, 32],
    );
  });
});
