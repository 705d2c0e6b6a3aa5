// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import type { Experiment } from './experiment.ts';

/** What the command line asks for. */
export interface BenchOptions {
  /** Those to run. */
  readonly chosen: readonly Experiment[];
  /** Whether one was named: then the JSON object is its report, else a set of reports. */
  readonly named: boolean;
  readonly json: boolean;
  readonly quick: boolean;
  readonly force: boolean;
  readonly help: boolean;
}

/** @throws Error with a message for the user, when an option or a name is unknown */
export function parseBenchArguments(args: readonly string[], known: readonly Experiment[]): BenchOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: flag, quick: flag, force: flag, help: { ...flag, short: 'h' } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => known.every((experiment) => experiment.name !== name));
  if (unknown !== undefined) throw new Error(`there is no experiment '${unknown}'`);
  if (positionals.length > 1) throw new Error(`one experiment at a time, got ${positionals.join(', ')}`);
  const named = positionals.length === 1;
  return { ...values, named, chosen: named ? known.filter(({ name }) => name === positionals[0]) : known };
}

export function formatUsage(known: readonly Experiment[]): string {
  const width = Math.max(...known.map(({ name }) => name.length));
  return `usage: npm run bench -- [NAME] [--json] [--quick] [--force]

  NAME     one experiment; without it all of them:
${known.map(({ name, title }) => `             ${name.padEnd(width)}  ${title}\n`).join('')}
  --json   one JSON object on standard output instead of a table (with npm: npm --silent run bench)
  --quick  fewer rounds: shows that it works, the numbers are rougher
  --force  run although the machine is busy with other things; the report then says noisy

exit status: 0 it ran, whatever it found · 1 it failed · 2 unknown name or option
             3 refused: other things kept the machine busy
`;
}
