// SPDX-License-Identifier: Apache-2.0
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings } from '../harness/report.ts';
import { createLab, deploy } from '../two-pods/scene.ts';
import type { RoundPlan } from './load.ts';
import { playRound, type RoundResult } from './round.ts';
import { getTargets, summarize } from './summary.ts';

function getRounds(quick: boolean): readonly RoundPlan[] {
  return [
    { name: 'quiet', rate: 80, requests: quick ? 160 : 1000 },
    { name: 'steady', rate: 1200, requests: quick ? 1800 : 9600 },
    { name: 'busy', seconds: quick ? 1 : 4 },
  ];
}

/** Are hop durations true? Compares each with tcpdump's two time stamps of the very same packet. */
export async function measureAccuracy({ quick, note, signal }: ExperimentOptions): Promise<Findings> {
  const lab = await createLab('accuracy');
  const abort = (): void => void lab.destroy();
  signal.addEventListener('abort', abort);
  try {
    const scene = await deploy(lab);
    const results: RoundResult[] = [];
    for (const plan of getRounds(quick)) {
      signal.throwIfAborted();
      note(`accuracy: ${plan.name} round`);
      results.push(await playRound(scene, plan));
    }
    await scene.stop();
    return { targets: getTargets(results), rows: results.flatMap(summarize) };
  } finally {
    signal.removeEventListener('abort', abort);
    await lab.destroy();
  }
}
