// SPDX-License-Identifier: Apache-2.0
// npm run bench: experiments that produce the numbers. Contract: benchmarks/README.md.
import { experiments } from '../benchmarks/experiments.ts';
import { type BenchOptions, formatUsage, parseBenchArguments } from '../benchmarks/harness/arguments.ts';
import { describeCommit, describeMachine } from '../benchmarks/harness/machine.ts';
import { makeReportSet, type Report } from '../benchmarks/harness/report.ts';
import { runExperiment } from '../benchmarks/harness/run-experiment.ts';
import { formatReport } from '../benchmarks/harness/table.ts';
import { note, runCommand } from './lib/command.ts';
import { repoRoot } from './lib/paths.ts';
import { setUp } from './lib/set-up.ts';

const UNKNOWN_STATUS = 2;
const REFUSED_STATUS = 3;

await runCommand(async () => {
  const options = parse();
  if (options === undefined) return UNKNOWN_STATUS;
  if (options.help) {
    process.stdout.write(formatUsage(experiments));
    return 0;
  }
  await setUp({
    tests: true,
    requirements: options.chosen.flatMap(({ requirements = [] }) => requirements),
  });
  return bench(options);
});

function parse(): BenchOptions | undefined {
  try {
    return parseBenchArguments(process.argv.slice(2), experiments);
  } catch (error) {
    const names = experiments.map(({ name }) => name).join(', ');
    note(`${(error as Error).message}; experiments: ${names}; options: --json --quick --force --help`);
    return undefined;
  }
}

async function bench({ chosen, named, json, quick, force }: BenchOptions): Promise<number> {
  const origin = { machine: describeMachine(), commit: describeCommit(repoRoot) };
  const signal = abortOnSignal();
  const reports: Report[] = [];
  for (const experiment of chosen) {
    note(`${experiment.name}: ${experiment.title}`);
    const report = await runExperiment(experiment, origin, { quick, force, note, signal });
    reports.push(report);
    if (!json) process.stdout.write(`${formatReport(report)}\n`);
  }
  const result = named ? reports[0] : makeReportSet(reports, origin);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  const refused = reports.filter(({ noisy }) => noisy && !force);
  for (const { name } of refused) note(`${name}: other things kept the machine busy; repeat, or --force`);
  return refused.length > 0 ? REFUSED_STATUS : 0;
}

function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => controller.abort());
  }
  return controller.signal;
}
