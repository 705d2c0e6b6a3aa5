// SPDX-License-Identifier: Apache-2.0
import { tryExec } from './exec.ts';
import { newTally, type Tally } from './test-tally.ts';

/** A program whose exit status is a verdict. */
export interface Check {
  readonly name: string;
  readonly command: readonly [file: string, ...args: string[]];
  /** Why it cannot be run here, if so. */
  skipReason?(): string | undefined;
}

/** Runs one check after the other and prints a line for each, and all that a failing one said. */
export async function runChecks(checks: readonly Check[]): Promise<Tally> {
  const tally = newTally();
  for (const check of checks) {
    const reason = check.skipReason?.();
    if (reason !== undefined) {
      tally.skips.push({ name: check.name, reason });
      process.stdout.write(`  skip  ${check.name}: ${reason}\n`);
      continue;
    }
    const [file, ...args] = check.command;
    const { status, output } = await tryExec(file, args);
    if (status === 0) tally.passed++;
    else tally.failed++;
    process.stdout.write(status === 0 ? `  ok    ${check.name}\n` : `${output}  FAIL  ${check.name}\n`);
  }
  return tally;
}
