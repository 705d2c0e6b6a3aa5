// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createClock, type Hop } from '@hopspan/core';
import { HopDecoder } from '../src/hop-decoder.ts';
import { createProbeTally } from '../src/probe-tally.ts';
import { RingReader } from '../src/ring-reader.ts';
import { makeHop } from '../src/testing/index.ts';
import { fakeNative } from './fake-native.ts';

const golden = readFileSync(new URL('fixtures/hop-record.bin', import.meta.url));
const ENTRY = 8 + golden.length;

/** Rings that hold `pending` records and hand out as many as fit into the buffer. */
function setUp(pending: number, batchRecords: number, onHops: (hops: readonly Hop[]) => void) {
  const state = { pending, closed: false, drainStatus: 0, wake: (): void => undefined };
  class RingSet {
    open(_: readonly number[], onReadable: () => void): number {
      state.wake = onReadable;
      return 0;
    }
    drain(buffer: Uint8Array): number {
      if (state.drainStatus < 0) return state.drainStatus;
      const count = Math.min(state.pending, Math.floor(buffer.length / ENTRY));
      for (let i = 0; i < count; i += 1) {
        buffer.set(header, i * ENTRY);
        buffer.set(golden, i * ENTRY + 8);
      }
      state.pending -= count;
      return count * ENTRY;
    }
    close(): void {
      state.closed = true;
    }
  }
  const header = new Uint8Array(Uint32Array.of(golden.length, 0).buffer);
  const { point } = makeHop().from;
  const tally = createProbeTally();
  const decoder = new HopDecoder(batchRecords * ENTRY, () => point);
  const reader = new RingReader({
    native: fakeNative({ RingSet, takeLog: () => '' }),
    ringFds: [3],
    capacity: 1000 * ENTRY,
    decoder,
    clock: createClock(),
    consumer: { onHops },
    tally,
    pollIntervalMillis: 60_000,
  });
  return { reader, state, tally, decoder };
}

describe('RingReader', () => {
  it('delivers everything at a flush, in batches, with a turn of the event loop between them', async () => {
    const batches: number[] = [];
    let turns = 0;
    const { reader, tally, decoder } = setUp(25, 10, (hops) => {
      batches.push(hops.length);
      setImmediate(() => {
        turns += 1;
      });
    });
    await reader.flush();
    assert.deepEqual(batches, [10, 10, 5]);
    assert.ok(turns >= 2, `the loop had ${turns} turns`);
    assert.equal(tally.hops_delivered, 25);
    assert.equal(decoder.tally.records_read, 25);
    reader.close();
  });

  it('reads when the kernel asks for it', async () => {
    let delivered = 0;
    const { reader, state, tally } = setUp(3, 10, (hops) => {
      delivered += hops.length;
    });
    state.wake();
    assert.equal(delivered, 3);
    assert.equal(tally.wakeups, 1);
    reader.close();
  });

  it('ends a flush after as much as the rings can hold, however fast they fill', async () => {
    const { reader, tally } = setUp(Number.POSITIVE_INFINITY, 100, () => undefined);
    await reader.flush();
    assert.equal(tally.hops_delivered, 1000);
  });

  it('reads what is left when it is closed, and nothing after', async () => {
    const { reader, state, tally } = setUp(25, 10, () => undefined);
    reader.close();
    assert.equal(tally.hops_delivered, 25);
    assert.equal(state.closed, true);
    state.pending = 1;
    await reader.flush();
    assert.equal(tally.hops_delivered, 25);
  });

  it('counts a consumer that throws, and goes on', async () => {
    const { reader, tally } = setUp(20, 10, () => {
      throw new Error('consumers must not');
    });
    await reader.flush();
    assert.deepEqual([tally.consumer_errors, tally.hops_delivered], [2, 20]);
    reader.close();
  });

  it('counts a ring that cannot be read', async () => {
    const { reader, state, tally } = setUp(1, 10, () => undefined);
    state.drainStatus = -5;
    await reader.flush();
    assert.deepEqual([tally.drain_errors, tally.hops_delivered], [1, 0]);
    reader.close();
  });
});
