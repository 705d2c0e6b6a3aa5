// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command.ts';
import { exec, tryExec } from './exec.ts';
import type { Fuzzer } from './fuzzers.ts';
import { cacheDir } from './paths.ts';

/** How long a fuzzer runs: one of the two. */
export type FuzzLimit = { readonly seconds: number } | { readonly runs: number };

/** Options of runFuzzer. */
export interface FuzzOptions {
  readonly limit: FuzzLimit;
  /** Random numbers start here; 0 takes another number each time. Default: 0. */
  readonly seed?: number;
  /** Where the programs are. Default: bpf/build. */
  readonly programDir?: string;
  /** Where what it finds is kept, for the next run to start from; reproducers too. Default: .cache/fuzz. */
  readonly workDir?: string;
}

/** What came of it. */
export interface FuzzResult {
  readonly fuzzer: string;
  /** Inputs that were tried. */
  readonly executions: number;
  /** Counters of the compiler's instrumentation that were hit: how much of the code was reached. */
  readonly coverage: number;
  /** Inputs that each reach something the others do not. */
  readonly corpus: number;
  /** The input that the fuzzer ended at, when it did. */
  readonly reproducer: string | null;
  /** What it said of it, in a line. */
  readonly fault: string | null;
}

/**
 * Compiles the fuzzers.
 * @param tree the bpf folder whose parsers they run. Default: ours
 * @throws CommandError
 */
export async function buildFuzzers(tree = '..', programDir = '../build'): Promise<void> {
  await exec('make', ['-s', '-C', 'bpf/fuzz', `BPF=${tree}`, `BUILD=${programDir}`]);
}

/**
 * Runs a fuzzer until its limit or the first fault.
 * @throws CommandError when it cannot be run, or ends without saying why
 */
export async function runFuzzer(fuzzer: Fuzzer, options: FuzzOptions): Promise<FuzzResult> {
  const { programDir = 'bpf/build', workDir = join(cacheDir, 'fuzz') } = options;
  const corpusDir = join(workDir, fuzzer.name);
  mkdirSync(corpusDir, { recursive: true });
  const args = [
    'seconds' in options.limit ? `-max_total_time=${options.limit.seconds}` : `-runs=${options.limit.runs}`,
    `-seed=${options.seed ?? 0}`,
    `-max_len=${fuzzer.maxBytes}`,
    `-artifact_prefix=${join(workDir, `${fuzzer.name}-`)}`,
    ...(fuzzer.dictionary === undefined ? [] : [`-dict=${fuzzer.dictionary}`]),
    // An input that takes this many seconds is a fault, too.
    '-timeout=10',
    '-print_final_stats=1',
    corpusDir,
    fuzzer.seedDir,
  ];
  const { status, output } = await tryExec(join(programDir, `fuzz_${fuzzer.name}`), args);
  return readOutput(fuzzer.name, status, output);
}

/** @param output all that libFuzzer printed, both streams */
export function readOutput(fuzzer: string, status: number, output: string): FuzzResult {
  const executions = /^stat::number_of_executed_units:\s*(\d+)/m.exec(output)?.[1];
  const reproducer = /Test unit written to (.+)$/m.exec(output)?.[1] ?? null;
  if (executions === undefined || (status !== 0) !== (reproducer !== null)) {
    const tail = output.trimEnd().split('\n').slice(-20).join('\n');
    throw new CommandError(`fuzz_${fuzzer} ended with status ${status} and no result:\n${tail}`);
  }
  const progress = [...output.matchAll(/ cov: (\d+) ft: \d+ corp: (\d+)/g)].at(-1);
  return {
    fuzzer,
    executions: Number(executions),
    coverage: Number(progress?.[1] ?? 0),
    corpus: Number(progress?.[2] ?? 0),
    reproducer,
    fault: reproducer === null ? null : findFault(output),
  };
}

/** The harness's own objection, or the sanitizer's. */
function findFault(output: string): string {
  const lines = output.split('\n');
  const own = lines.find((line) => /^fuzz_\w+\.c:\d+: |: runtime error: /.test(line));
  return own ?? lines.find((line) => line.startsWith('SUMMARY: ')) ?? 'it ended without a word';
}
