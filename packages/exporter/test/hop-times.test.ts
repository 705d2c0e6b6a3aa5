// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hopTimes } from '../src/hop-times.ts';
import { makeHop, vportSighting } from './make-hop.ts';

const ns = ([seconds, nanos]: readonly [number, number]) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

describe('hopTimes', () => {
  it('makes end minus start the duration, to the nanosecond', () => {
    const monotonic = fc.bigInt({ min: 0n, max: 1n << 60n });
    fc.assert(
      fc.property(monotonic, fc.nat({ max: 2 ** 45 }), (monotonicNs, durationNs) => {
        const hop = makeHop({ from: { ...vportSighting, monotonicNs }, durationNs });
        const { start, end, duration } = hopTimes(hop);
        assert.equal(ns(start), monotonicNs + hop.clockOffsetNs);
        assert.equal(ns(duration), BigInt(durationNs));
        assert.equal(ns(end) - ns(start), BigInt(durationNs));
        for (const [, nanos] of [start, end, duration]) assert.ok(nanos >= 0 && nanos < 1e9);
      }),
    );
  });
});
