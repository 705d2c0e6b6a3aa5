// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { LabPod } from '@hopspan/test/lab/index.ts';
import { cellOf, cells } from './cells.ts';
import type { ClientPlan, ProbeResult, RoundResult } from './round-result.ts';
import { readResult, type Scene, scriptPath } from './scene.ts';

/** What a client may take for a round. */
const CLIENT_MILLIS = 120_000;

/** Sends the requests of every cell while the probes of both nodes search this many bytes. */
export async function playRound(
  { client, server, port }: Scene,
  window: number,
  requests: number,
  folder: string,
): Promise<RoundResult> {
  const salt = randomBytes(8).toString('hex');
  const probes = await Promise.all([client, server].map((pod) => startProbe(pod, window, folder)));
  const plan: ClientPlan = { host: server.address, port, salt, requests };
  const child = client.spawn(process.execPath, [scriptPath('client-process'), JSON.stringify(plan)]);
  await child.waitForLine(/^done$/, CLIENT_MILLIS);
  const results = await Promise.all(probes.map((stop) => stop()));
  return { window, detected: rateDetected(salt, requests, results) };
}

async function startProbe(pod: LabPod, window: number, folder: string): Promise<() => Promise<ProbeResult>> {
  const { node, vport } = pod;
  const file = `${folder}/${node.name}-${window}.json`;
  const args = [scriptPath('probe-process'), file, String(window), node.nicName, vport];
  const child = node.spawn(process.execPath, args);
  await child.waitForLine(/^ready$/);
  return () => readResult<ProbeResult>(child, file);
}

/** The share of each cell's requests that every node reported. */
export function rateDetected(
  salt: string,
  requests: number,
  nodes: readonly ProbeResult[],
): Map<number, number> {
  const [first, ...others] = nodes.map(({ traceIds }) => new Set(traceIds));
  const seen = [...(first ?? [])].filter((traceId) => others.every((ids) => ids.has(traceId)));
  const counts = Map.groupBy(seen, (traceId) => cellOf(salt, traceId));
  return new Map(cells.map(({ index }) => [index, (counts.get(index)?.length ?? 0) / requests]));
}
