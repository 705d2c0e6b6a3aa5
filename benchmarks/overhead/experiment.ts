// SPDX-License-Identifier: Apache-2.0
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings } from '../harness/report.ts';
import { placement, spawnOn } from '../two-pods/placement.ts';
import { createLab, deploy } from '../two-pods/scene.ts';
import { playRound, type Round } from './round.ts';
import { summarize } from './summary.ts';

/** What do applications lose to whoever looks at their packets? */
export async function measureOverhead({ quick, note, signal }: ExperimentOptions): Promise<Findings> {
  const [count, seconds] = quick ? [3, 1] : [20, 2];
  const lab = await createLab('overhead');
  const abort = (): void => void lab.destroy();
  signal.addEventListener('abort', abort);
  try {
    const scene = await deploy(lab);
    await spawnOn(placement.traffic, scene.server, 'iperf3', ['-s', '--forceflush']).waitForLine(/listening/);
    const rounds: Round[] = [];
    for (let i = 1; i <= count; i++) {
      note(`overhead: round ${i} of ${count}`);
      rounds.push(await playRound(scene, seconds, signal));
    }
    await scene.stop();
    return summarize(rounds);
  } finally {
    signal.removeEventListener('abort', abort);
    await lab.destroy();
  }
}
