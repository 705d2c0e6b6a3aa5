// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { foreignCpusAtRest, foreignCpusAtWork, sampleLoad } from './cpu-load.ts';
import type { Experiment, ExperimentOptions } from './experiment.ts';
import { makeReport, type Origin, type Report } from './report.ts';

/** More than this many CPUs busy with other things, and the numbers do not count. */
export const NOISE_LIMIT_CPUS = 0.2;
/** A passing disturbance, such as our own set-up's last writes, is waited for. */
const QUIET_TRIES = 10;
const QUIET_WINDOW_MILLIS = 1000;

/** Options of runExperiment. */
export interface RunOptions extends ExperimentOptions {
  /** Runs on a busy machine too; the report says `noisy`. */
  readonly force: boolean;
}

/** Runs one experiment, unless the machine is busy with other things. */
export async function runExperiment(
  { name, load }: Experiment,
  origin: Origin,
  options: RunOptions,
): Promise<Report> {
  const beforeCpus = await waitForQuiet(options);
  if (beforeCpus > NOISE_LIMIT_CPUS && !options.force) {
    return makeReport(name, undefined, { noisy: true, foreign: { beforeCpus, duringCpus: null } }, origin);
  }
  const run = await load();
  const from = sampleLoad();
  const findings = await run(options);
  const duringCpus = foreignCpusAtWork(from, sampleLoad());
  const noisy = Math.max(beforeCpus, duringCpus) > NOISE_LIMIT_CPUS;
  return makeReport(name, findings, { noisy, foreign: { beforeCpus, duringCpus } }, origin);
}

/** @returns CPUs busy with other things in the last second that was looked at */
async function waitForQuiet({ force, note, signal }: RunOptions): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const from = sampleLoad();
    await sleep(QUIET_WINDOW_MILLIS, undefined, { signal });
    const load = foreignCpusAtRest(from, sampleLoad());
    if (load <= NOISE_LIMIT_CPUS || force || tries === QUIET_TRIES) return load;
    note(`other things keep ${load} CPUs busy (limit ${NOISE_LIMIT_CPUS}); waiting, ${tries}/${QUIET_TRIES}`);
  }
}
