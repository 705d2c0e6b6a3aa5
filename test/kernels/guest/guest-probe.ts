// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import type { LabNode, LabProcess } from '../../lab/index.ts';

/** An emulated machine is slow. */
export const patience = 120_000;

/** A probe on a node of the guest's lab. */
export interface GuestProbe {
  readonly process: LabProcess;
  readonly mechanisms: readonly string[];
}

/** The next object that a process prints with that message. */
export async function hear(process_: LabProcess, msg: string): Promise<Record<string, unknown>> {
  const [line] = await process_.waitForLine(new RegExp(`^\\{"msg":"${msg}".*`), patience);
  return JSON.parse(line) as Record<string, unknown>;
}

/** @param env what the probe watches, see probe.ts. Default: two points, eth0 */
export async function startProbe(node: LabNode, env: Record<string, string> = {}): Promise<GuestProbe> {
  const script = fileURLToPath(new URL('probe.ts', import.meta.url));
  const probe = node.spawn(process.execPath, [script], { env });
  const { mechanisms } = await hear(probe, 'ready');
  return { process: probe, mechanisms: mechanisms as string[] };
}
