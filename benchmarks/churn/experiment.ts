// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab } from '@hopspan/test/lab/index.ts';
import { serve } from '@hopspan/test/lab/traffic.ts';
import { readResult } from '../detection/scene.ts';
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings } from '../harness/report.ts';
import { playCycles } from './cycles.ts';
import type { ProbeResult } from './messages.ts';
import { summarize } from './summary.ts';

const probeScript = fileURLToPath(new URL('probe-process.ts', import.meta.url));

/** How soon is a pod that comes watched, and does anything stay behind when a thousand have gone? */
export async function measureChurn({ quick, note, signal }: ExperimentOptions): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-churn-'));
  const lab = await Lab.create({
    name: 'churn',
    nodes: [{ name: 'node1' }],
    pods: [{ name: 'server', node: 'node1' }],
  });
  const abort = (): void => void lab.destroy();
  signal.addEventListener('abort', abort);
  try {
    const url = await serve(lab.pod('server'));
    const file = `${folder}/probe.json`;
    const probe = lab.node('node1').spawn(process.execPath, [probeScript, file]);
    await probe.waitForLine(/ready/, 30_000);
    const times = await playCycles(lab.node('node1'), probe, {
      cycles: quick ? 100 : 1000,
      url,
      note,
      signal,
    });
    return summarize(times, await readResult<ProbeResult>(probe, file));
  } finally {
    signal.removeEventListener('abort', abort);
    await lab.destroy();
    rmSync(folder, { recursive: true });
  }
}
