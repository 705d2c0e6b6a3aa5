// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CounterReader, zeroCounters } from '../src/counter-reader.ts';
import { PROBE_COUNTERS } from '../src/generated/abi.ts';

describe('CounterReader', () => {
  it('sums the rows of all CPUs, and only those of the asked index', () => {
    const rows: number[] = [];
    const reader = new CounterReader(
      {
        read: (row, into) => {
          rows.push(row);
          into.fill(0);
          PROBE_COUNTERS.forEach((_, i) => void into.writeBigUInt64LE(BigInt(row * 100 + i), 8 * i));
        },
        close: () => undefined,
      },
      3,
      10,
    );
    const counters = reader.readIndex(4);
    assert.deepEqual(rows, [4, 14, 24]);
    assert.equal(counters.sightings, 4200);
    assert.equal(counters[PROBE_COUNTERS.at(-1) ?? 'first'], 4200 + 3 * (PROBE_COUNTERS.length - 1));
  });

  it('reads counts beyond 32 bits', () => {
    const rows = {
      read: (_: number, into: Buffer) => void into.writeBigUInt64LE(0x12_3456_7890n, 0),
      close: () => undefined,
    };
    assert.equal(new CounterReader(rows, 1, 1).readIndex(0).sightings, 0x12_3456_7890);
  });

  it('has a zero for every counter', () => {
    assert.deepEqual(Object.keys(zeroCounters()), PROBE_COUNTERS);
  });
});
