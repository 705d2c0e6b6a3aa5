// SPDX-License-Identifier: Apache-2.0
// npm run fuzz: the parsers under libFuzzer and sanitizers, against oracles. See bpf/fuzz/README.md.
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, note, runCommand } from './lib/command.ts';
import { fuzzers } from './lib/fuzzers.ts';
import { repoRoot } from './lib/paths.ts';
import { buildFuzzers, type FuzzResult, runFuzzer } from './lib/run-fuzzer.ts';
import { setUp } from './lib/set-up.ts';

const usage = `usage: npm run fuzz -- [--seconds N] [--json]

  --seconds N  how long, split evenly among the fuzzers: ${fuzzers.map(({ name }) => name).join(', ')} (default: 60)
  --json       one JSON object on standard output (with npm: npm --silent run fuzz)

exit status: 0 nothing was found · 1 something was: the input that shows it is named
`;

await runCommand(async () => {
  const { seconds, json, help } = parse();
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  await setUp({ tests: true });
  await buildFuzzers();
  const results: FuzzResult[] = [];
  for (const fuzzer of fuzzers) {
    const share = Math.max(1, Math.floor(seconds / fuzzers.length));
    note(`fuzzing ${fuzzer.name} for ${share} s`);
    results.push(await runFuzzer(fuzzer, { limit: { seconds: share } }));
  }
  const ok = results.every(({ reproducer }) => reproducer === null);
  const executions = results.reduce((sum, result) => sum + result.executions, 0);
  if (json) process.stdout.write(`${JSON.stringify({ ok, executions, fuzzers: results })}\n`);
  else process.stdout.write(results.map(format).join(''));
  return ok ? 0 : 1;
});

function parse(): { seconds: number; json: boolean; help: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      options: { seconds: { type: 'string', default: '60' }, json: flag, help: { ...flag, short: 'h' } },
    });
    const seconds = Number(values.seconds);
    if (!Number.isInteger(seconds) || seconds < fuzzers.length)
      throw new Error(`--seconds is ${values.seconds}; expected a whole number from ${fuzzers.length} on`);
    return { ...values, seconds };
  } catch (error) {
    throw new CommandError(`${(error as Error).message}; see npm run fuzz -- --help`);
  }
}

function format({ fuzzer, executions, coverage, corpus, reproducer, fault }: FuzzResult): string {
  const count = `${executions.toLocaleString('en-US')} executions, coverage ${coverage}, corpus ${corpus}`;
  const verdict =
    reproducer === null ? 'nothing found' : `${fault}\n  reproducer: ${relative(repoRoot, reproducer)}`;
  return `${fuzzer}: ${count}: ${verdict}\n`;
}
