// SPDX-License-Identifier: Apache-2.0
import type { Requirement } from '../../scripts/lib/requirements.ts';
import type { Findings } from './report.ts';

/** What an experiment is run with. */
export interface ExperimentOptions {
  /** Fewer and shorter rounds, to see that it works; its targets are the same. */
  readonly quick: boolean;
  /** Takes a line of progress. */
  readonly note: (line: string) => void;
  /** Ends the experiment early: it removes what it made and rejects. */
  readonly signal: AbortSignal;
}

/** Produces numbers. */
export interface Experiment {
  readonly name: string;
  /** What it shows, in a line. */
  readonly title: string;
  /** Debian packages that it needs besides those of the tests. Default: none. */
  readonly requirements?: readonly Requirement[];
  /** Imports it: not before set-up, since it needs what set-up installs. */
  readonly load: () => Promise<(options: ExperimentOptions) => Promise<Findings>>;
}
