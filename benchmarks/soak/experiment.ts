// SPDX-License-Identifier: Apache-2.0
import { SoakScene } from '@hopspan/test/soak/scene.ts';
import { judgeSoak } from '@hopspan/test/soak/verdict.ts';
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings } from '../harness/report.ts';
import { getRounds, type SoakRound } from './rounds.ts';
import { type RoundResult, summarize } from './summary.ts';

const CONNECTIONS = 4;
/** A round takes half a minute; a slow machine may take long. */
const ROUND_MILLIS = 1_200_000;

/** Is every request of a mixed load followed, once, and by its own trace? */
export async function measureSoak(options: ExperimentOptions): Promise<Findings> {
  const results: RoundResult[] = [];
  const rounds = getRounds(options.quick);
  for (const round of rounds) {
    options.signal.throwIfAborted();
    results.push(await playRound(round, options));
  }
  return summarize(
    results,
    rounds.reduce((sum, { requests }) => sum + requests, 0),
  );
}

async function playRound(round: SoakRound, { note, signal }: ExperimentOptions): Promise<RoundResult> {
  const { name, requests, loseEveryNth } = round;
  note(`soak: ${name}, ${requests} requests`);
  await using scene = await SoakScene.create(round.scene);
  const abort = (): void => void scene.lab.destroy();
  signal.addEventListener('abort', abort);
  try {
    const outcome = await scene.play({
      requests,
      connections: CONNECTIONS,
      loseEveryNth,
      timeoutMillis: ROUND_MILLIS,
      onProgress: (line) => note(`soak: ${name}: ${line}`),
    });
    return { name, outcome, verdict: judgeSoak(outcome) };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
