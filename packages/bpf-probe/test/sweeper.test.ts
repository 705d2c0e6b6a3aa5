// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONNECTION_SWEEP, SWEEP_CONTEXT, SWEEP_SETS_MAX } from '../src/generated/abi.ts';
import { createProbeTally } from '../src/probe-tally.ts';
import { Sweeper } from '../src/sweeper.ts';

/** A kernel that finds one live and two held messages in each run, and two connections that await three responses. */
function setUp(tableSets: number, connectionSets = 1) {
  const runs: { fd: number; first: number; sets: number }[] = [];
  const kernel = { status: 0 };
  const tally = createProbeTally();
  const native = {
    runSyscall: (fd: number, context: Uint8Array) => {
      const view = new DataView(context.buffer);
      const layout = fd === 9 ? SWEEP_CONTEXT : CONNECTION_SWEEP;
      assert.equal(context.length, layout.size);
      runs.push({
        fd,
        first: view.getUint32(layout.first_set, true),
        sets: view.getUint32(layout.sets, true),
      });
      if (fd === 9) {
        view.setUint32(SWEEP_CONTEXT.live, 1, true);
        view.setUint32(SWEEP_CONTEXT.held, 2, true);
      } else {
        view.setUint32(CONNECTION_SWEEP.open, 2, true);
        view.setUint32(CONNECTION_SWEEP.awaited, 3, true);
        view.setUint32(CONNECTION_SWEEP.waiting, 1, true);
      }
      return { status: kernel.status, returned: 0, durationNs: 0, dataSize: 0 };
    },
  };
  const sweeper = new Sweeper({
    native,
    sweepFd: 9,
    sweepConnectionsFd: 10,
    tableSets,
    connectionSets,
    capacity: tableSets * 4,
    connectionCapacity: connectionSets * 4,
    tally,
  });
  return { sweeper, runs, kernel, tally };
}

const one = {
  live: 1,
  held: 2,
  suspected: 0,
  capacity: 4,
  connections: 2,
  connection_capacity: 4,
  responses_awaited: 3,
  headers_waiting: 1,
};

describe('Sweeper', () => {
  it('sweeps every set of both tables once, in runs the kernel allows, and adds up what they found', () => {
    const sets = 2 * SWEEP_SETS_MAX + 3;
    const { sweeper, runs } = setUp(sets, SWEEP_SETS_MAX + 1);
    assert.deepEqual(sweeper.sweep(), {
      live: 3,
      held: 6,
      suspected: 0,
      capacity: sets * 4,
      connections: 4,
      connection_capacity: (SWEEP_SETS_MAX + 1) * 4,
      responses_awaited: 6,
      headers_waiting: 2,
    });
    assert.deepEqual(
      runs.map(({ fd, first, sets }) => [fd, first, sets]),
      [
        [9, 0, SWEEP_SETS_MAX],
        [9, SWEEP_SETS_MAX, SWEEP_SETS_MAX],
        [9, 2 * SWEEP_SETS_MAX, 3],
        [10, 0, SWEEP_SETS_MAX],
        [10, SWEEP_SETS_MAX, 1],
      ],
    );
  });

  it('keeps the last state and counts when the kernel refuses', () => {
    const { sweeper, kernel, tally } = setUp(1);
    sweeper.sweep();
    kernel.status = -1;
    assert.deepEqual(sweeper.sweep(), one);
    assert.deepEqual([tally.sweeps, tally.sweep_errors], [1, 2]);
  });
});
