// SPDX-License-Identifier: Apache-2.0
// The wire round trip against delays that netem adds on the way there, on kernels that have netem.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { runScripts } from './run-scripts.ts';
import { findVmObstacle } from './vm.ts';

const skip = findVmObstacle() ?? false;
const TOLERANCE = 0.05;
const delays = [5, 50];

/** What the guest prints for each delay. */
interface Round {
  readonly requests: number;
  /** Wire round trip of each request; null where none was made. */
  readonly microseconds: readonly (number | null)[];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

for (const kernel of ['6.1', '6.12'] as const) {
  describe(`the wire round trip on Linux ${kernel}`, { skip }, () => {
    const rounds = new Map<number, Round>();
    let output = '';
    before(async () => {
      const printed = await runScripts(kernel, ['round-trip.ts']);
      output = printed.output;
      for (const delayMillis of [0, ...delays]) {
        const round = printed.steps.get(`delay ${delayMillis}`) as Round | undefined;
        if (round !== undefined) rounds.set(delayMillis, round);
      }
    });

    /** Round trips with that delay, in milliseconds. */
    function made(delayMillis: number): number[] {
      const round = rounds.get(delayMillis);
      assert.ok(round, `the guest did not get as far as ${delayMillis} ms:\n${output.slice(-4000)}`);
      const values = round.microseconds.flatMap((value) => (value === null ? [] : value / 1000));
      assert.ok(values.length > round.requests / 2, `only ${values.length} of ${round.requests} were made`);
      return values;
    }

    for (const delayMillis of delays) {
      it(`grows by the ${delayMillis} ms that the way there is made longer, within 5 %`, (t) => {
        // What else runs on the machine that emulates this one only ever adds: the least has least of it.
        const [without, delayed] = [made(0), made(delayMillis)];
        const grownMillis = Math.min(...delayed) - Math.min(...without);
        const show = (values: readonly number[]) =>
          `least ${Math.min(...values).toFixed(3)} ms, median ${median(values).toFixed(3)} ms`;
        t.diagnostic(`without delay ${show(without)}; with ${delayMillis} ms ${show(delayed)}`);
        assert.ok(Math.abs(grownMillis - delayMillis) <= delayMillis * TOLERANCE, `${grownMillis} ms`);
      });
    }
  });
}
