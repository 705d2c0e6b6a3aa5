// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createClock } from '../src/clock.ts';
import { type ClockSource, processClockSource } from '../src/clock-source.ts';
import { toHrTime } from '../src/hr-time.ts';
import { recordDiag } from './diag-recorder.ts';

/** A machine whose clocks are moved by hand; a read takes `readNs`. */
class FakeClocks implements ClockSource {
  nowNs = 5_000_000_000n;
  offsetNs = 1_700_000_000_000_000_000n;
  readNs = 10n;
  reads = 0;

  monotonicNs(): bigint {
    this.reads += 1;
    this.nowNs += this.readNs;
    return this.nowNs;
  }
  realtimeNs(): bigint {
    return this.monotonicNs() + this.offsetNs;
  }
}

describe('createClock', () => {
  const lines = recordDiag();

  it('measures the offset to the middle of a bracket', () => {
    const source = new FakeClocks();
    assert.equal(createClock({ source }).offsetNs(), source.offsetNs);
  });

  it('takes the tightest of the samples', () => {
    const source = new FakeClocks();
    let calls = 0;
    const realtimeNs = () => {
      calls += 1;
      // Every read but the third is held up on its way back.
      const wall = source.nowNs + 5n + source.offsetNs;
      if (calls !== 3) source.nowNs += 40_000n;
      return wall;
    };
    const clock = createClock({
      source: { monotonicNs: () => source.monotonicNs(), realtimeNs },
      samples: 5,
    });
    assert.equal(clock.offsetNs(), source.offsetNs);
  });

  it('does not measure again before the interval is over', () => {
    const source = new FakeClocks();
    const clock = createClock({ source, intervalMillis: 500 });
    const first = clock.offsetNs();
    source.offsetNs += 500n;
    source.nowNs += 499_000_000n;
    assert.equal(clock.offsetNs(), first);
    assert.equal(clock.counters().measurements, 1);
    source.nowNs += 1_000_000n;
    assert.equal(clock.offsetNs(), first + 500n);
    assert.equal(clock.counters().measurements, 2);
  });

  it('counts and logs a step of more than a millisecond, forwards and backwards', () => {
    const source = new FakeClocks();
    const clock = createClock({ source });
    clock.offsetNs();
    for (const change of [1_000_000n, 1_000_002n, -2_000_000n, 5n]) {
      source.offsetNs += change;
      source.nowNs += 2_000_000_000n;
      clock.offsetNs();
    }
    assert.deepEqual(clock.counters(), { measurements: 5, steps: 2 });
    assert.match(lines.join('\n'), /stepped by 1000002 ns/);
    assert.match(lines.join('\n'), /stepped by -2000000 ns/);
  });

  it('does not take the coarseness of its source for a step', () => {
    const source = Object.assign(new FakeClocks(), { realtimeResolutionNs: 1_000_000n });
    const clock = createClock({ source });
    clock.offsetNs();
    source.offsetNs += 1_900_000n;
    source.nowNs += 1_000_000_000n;
    clock.offsetNs();
    assert.equal(clock.counters().steps, 0);
  });

  it('refuses options out of range by name', () => {
    const code = 'HOPSPAN_ERR_INVALID_OPTION';
    assert.throws(() => createClock({ intervalMillis: 1001 }), { code, message: /intervalMillis is 1001/ });
    assert.throws(() => createClock({ samples: 0 }), { code, message: /samples is 0/ });
    assert.throws(() => createClock({ stepThresholdNs: 0.5 }), { code, message: /stepThresholdNs is 0.5/ });
  });

  it("agrees with Date within its millisecond when it runs on Node's clocks", () => {
    const clock = createClock();
    const before = BigInt(Date.now()) * 1_000_000n;
    const wall = clock.monotonicNs() + clock.offsetNs();
    const after = BigInt(Date.now()) * 1_000_000n;
    assert.ok(wall >= before - 1_000_000n && wall <= after + 1_000_000n, `${before} ${wall} ${after}`);
    assert.equal(processClockSource.realtimeNs() % 1_000_000n, 0n);
  });
});

describe('toHrTime', () => {
  it('is exact to the nanosecond', () => {
    assert.deepEqual(toHrTime(123n, 1_700_000_000_999_999_999n), [1_700_000_001, 122]);
    assert.deepEqual(toHrTime(0n, 0n), [0, 0]);
    assert.deepEqual(toHrTime(5_000_000_001n, -5_000_000_000n), [0, 1]);
  });

  it('adds up to the sum it was made from', () => {
    const ns = fc.bigInt({ min: 0n, max: 1n << 62n });
    fc.assert(
      fc.property(ns, ns, (monotonic, offset) => {
        const [seconds, nanos] = toHrTime(monotonic, offset);
        assert.ok(nanos >= 0 && nanos < 1e9 && Number.isInteger(nanos));
        assert.equal(BigInt(seconds) * 1_000_000_000n + BigInt(nanos), monotonic + offset);
      }),
    );
  });
});
