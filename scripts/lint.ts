// SPDX-License-Identifier: Apache-2.0
// Checks types, style and generated files; with --fix rewrites first what a program can put right.
import { runChecks } from './lib/checks.ts';
import { CommandError, runCommand } from './lib/command.ts';
import { getLintChecks, getLintFixes } from './lib/lint-checks.ts';
import { setUp } from './lib/set-up.ts';

await runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => arg !== '--fix');
  if (unknown !== undefined)
    throw new CommandError(`lint does not know '${unknown}': it takes --fix or nothing`);
  await setUp({ tests: false });
  if (args.includes('--fix')) await runChecks(getLintFixes());
  const { failed } = await runChecks(getLintChecks());
  return failed === 0 ? 0 : 1;
});
