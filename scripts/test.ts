// SPDX-License-Identifier: Apache-2.0
// Sets up and runs the rings named, or all of them. The last line of standard output is the sum.
import { CommandError, runCommand } from './lib/command.ts';
import { markChildren } from './lib/leftovers.ts';
import { type Ring, rings } from './lib/rings.ts';
import { runRing } from './lib/run-ring.ts';
import { setUp } from './lib/set-up.ts';
import { addTally, newTally, type Tally } from './lib/test-tally.ts';

await runCommand(async () => {
  const chosen = chooseRings(process.argv.slice(2));
  await setUp({
    tests: chosen.some(({ needsTools }) => needsTools),
    requirements: chosen.flatMap(({ requirements = [] }) => requirements),
  });
  markChildren();
  const interrupted = abortOnSignal();
  const tallies = new Map<string, Tally>();
  for (const ring of chosen) {
    tallies.set(
      ring.name,
      await runRing(ring, { mustRun: process.env.CI !== undefined, signal: interrupted }),
    );
    if (interrupted.aborted) throw new CommandError('interrupted');
  }
  return printSummary(tallies);
});

function chooseRings(names: readonly string[]): readonly Ring[] {
  const known = rings.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CommandError(`there is no test ring '${unknown}': choose from ${known.join(', ')}`);
  }
  return names.length === 0 ? rings : rings.filter(({ name }) => names.includes(name));
}

function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}

function printSummary(tallies: ReadonlyMap<string, Tally>): number {
  const total = newTally();
  process.stdout.write('\n');
  for (const [name, tally] of tallies) {
    process.stdout.write(`${name.padEnd(9)}${format(tally)}\n`);
    for (const { name: skipped, reason } of tally.skips) {
      process.stdout.write(`         skipped ${skipped}: ${reason}\n`);
    }
    addTally(total, tally);
  }
  process.stdout.write(`\n${format(total)}\n`);
  return total.failed === 0 ? 0 : 1;
}

function format({ passed, failed, skips }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skips.length} skipped`;
}
