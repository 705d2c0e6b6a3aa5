// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SWEEP_CONTEXT, SWEEP_SETS_MAX } from '../src/generated/abi.ts';
import { createProbeTally } from '../src/probe-tally.ts';
import { Sweeper } from '../src/sweeper.ts';

/** A kernel that finds one live and two held messages in each run. */
function setUp(tableSets: number) {
  const runs: { first: number; sets: number; now: bigint }[] = [];
  const kernel = { status: 0 };
  const tally = createProbeTally();
  const native = {
    monotonicNs: () => 77n,
    runSyscall: (_: number, context: Uint8Array) => {
      const view = new DataView(context.buffer);
      runs.push({
        first: view.getUint32(SWEEP_CONTEXT.first_set, true),
        sets: view.getUint32(SWEEP_CONTEXT.sets, true),
        now: view.getBigUint64(SWEEP_CONTEXT.now_ns, true),
      });
      view.setUint32(SWEEP_CONTEXT.live, 1, true);
      view.setUint32(SWEEP_CONTEXT.held, 2, true);
      return { status: kernel.status, returned: 0, durationNs: 0, dataSize: 0 };
    },
  };
  const sweeper = new Sweeper({ native, sweepFd: 9, tableSets, capacity: tableSets * 4, tally });
  return { sweeper, runs, kernel, tally };
}

describe('Sweeper', () => {
  it('sweeps every set once, in runs the kernel allows, and adds up what they found', () => {
    const { sweeper, runs } = setUp(2 * SWEEP_SETS_MAX + 3);
    assert.deepEqual(sweeper.sweep(), { live: 3, held: 6, capacity: (2 * SWEEP_SETS_MAX + 3) * 4 });
    assert.deepEqual(
      runs.map(({ first, sets }) => [first, sets]),
      [
        [0, SWEEP_SETS_MAX],
        [SWEEP_SETS_MAX, SWEEP_SETS_MAX],
        [2 * SWEEP_SETS_MAX, 3],
      ],
    );
    assert.equal(runs[0]?.now, 77n);
  });

  it('keeps the last state and counts when the kernel refuses', () => {
    const { sweeper, kernel, tally } = setUp(1);
    sweeper.sweep();
    kernel.status = -1;
    assert.deepEqual(sweeper.sweep(), { live: 1, held: 2, capacity: 4 });
    assert.deepEqual([tally.sweeps, tally.sweep_errors], [1, 1]);
  });
});
