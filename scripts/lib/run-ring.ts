// SPDX-License-Identifier: Apache-2.0
import { runChecks } from './checks.ts';
import { endMarkedProcesses, findLeftovers, takeSnapshot } from './leftovers.ts';
import type { Ring } from './rings.ts';
import { findTestFiles, runTestFiles } from './test-files.ts';
import { addTally, newTally, type Tally } from './test-tally.ts';

export interface RingOptions {
  /** Whether a ring of which nothing was run is a failure: on a machine that was set up to run all. */
  readonly mustRun: boolean;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

/** Runs one ring; whatever it leaves behind on the machine is a failure too. */
export async function runRing(ring: Ring, { mustRun, signal }: RingOptions): Promise<Tally> {
  process.stdout.write(`\n${ring.name}: ${ring.title}\n`);
  const before = await takeSnapshot();
  const tally = newTally();
  addTally(tally, await runChecks(ring.getChecks?.() ?? []));
  const files = findTestFiles(ring.files, ring.except);
  addTally(tally, await runTestFiles(files, { ...ring, signal }));
  if (tally.passed + tally.failed + tally.skips.length === 0) {
    tally.skips.push({ name: ring.name, reason: `no test files yet (${ring.files.join(', ')})` });
  }
  if (mustRun && tally.passed + tally.failed === 0) fail(tally, `${ring.name}: all of it was skipped`);
  for (const thing of await findLeftovers(before)) fail(tally, `${ring.name} left behind: ${thing}`);
  endMarkedProcesses();
  return tally;
}

function fail(tally: Tally, fault: string): void {
  tally.failed++;
  process.stdout.write(`  FAIL  ${fault}\n`);
}
