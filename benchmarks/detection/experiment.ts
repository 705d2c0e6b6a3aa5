// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings } from '../harness/report.ts';
import { windows } from './cells.ts';
import { playRound } from './round.ts';
import type { RoundResult } from './round-result.ts';
import { createLab, deploy } from './scene.ts';
import { summarize } from './summary.ts';

/** How many requests are seen, by where their context stands and how far the probe looks? */
export async function measureDetection({ quick, note, signal }: ExperimentOptions): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-detection-'));
  const lab = await createLab();
  const abort = (): void => void lab.destroy();
  signal.addEventListener('abort', abort);
  try {
    const scene = await deploy(lab, folder);
    const rounds: RoundResult[] = [];
    for (const window of windows) {
      signal.throwIfAborted();
      note(`detection: ${window} bytes`);
      rounds.push(await playRound(scene, window, quick ? 20 : 200, folder));
    }
    return summarize(rounds, await scene.stopServer());
  } finally {
    signal.removeEventListener('abort', abort);
    await lab.destroy();
    rmSync(folder, { recursive: true });
  }
}
