// SPDX-License-Identifier: Apache-2.0
import type { Machine } from './machine.ts';
import { judge, type Measured, type Target } from './target.ts';

/** A line of an experiment's table. */
export type Row = Readonly<Record<string, string | number | null>>;

/** What an experiment hands back. */
export interface Findings {
  readonly targets: readonly Measured[];
  readonly rows: readonly Row[];
}

/** CPUs kept busy by what is not ours, steal time included. */
export interface ForeignLoad {
  /** In the second before the experiment. */
  readonly beforeCpus: number;
  /** While it ran; null when it did not run. */
  readonly duringCpus: number | null;
}

/** The JSON object of one experiment: a contract (see README.md). */
export interface Report {
  readonly name: string;
  /** Whether every target holds. False when it was refused. */
  readonly ok: boolean;
  /** Whether the machine was too busy with other things for the numbers to count. */
  readonly noisy: boolean;
  readonly targets: readonly Target[];
  readonly rows: readonly Row[];
  readonly foreign: ForeignLoad;
  readonly machine: Machine;
  /** Commit of the tree, with `-dirty` when it has changes; `unknown` outside of a clone. */
  readonly commit: string;
}

/** The JSON object of a run of all experiments. */
export interface ReportSet {
  readonly ok: boolean;
  readonly noisy: boolean;
  readonly experiments: readonly Report[];
  readonly machine: Machine;
  readonly commit: string;
}

/** Where a report was made. */
export type Origin = Pick<Report, 'machine' | 'commit'>;

/** @param findings undefined when the experiment was refused */
export function makeReport(
  name: string,
  findings: Findings | undefined,
  noise: Pick<Report, 'noisy' | 'foreign'>,
  { machine, commit }: Origin,
): Report {
  const targets = (findings?.targets ?? []).map(judge);
  return {
    name,
    ok: findings !== undefined && targets.every((target) => target.ok),
    noisy: noise.noisy,
    targets,
    rows: findings?.rows ?? [],
    foreign: noise.foreign,
    machine,
    commit,
  };
}

export function makeReportSet(experiments: readonly Report[], { machine, commit }: Origin): ReportSet {
  return {
    ok: experiments.every((report) => report.ok),
    noisy: experiments.some((report) => report.noisy),
    experiments,
    machine,
    commit,
  };
}
