// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ClientPlan, ClientResult } from './client-plan.ts';
import { pinned, placement, spawnOn } from './placement.ts';
import { AFTER_CONTEXT, BEFORE_CONTEXT } from './request.ts';
import type { Scene } from './scene.ts';

/** Requests at a steady rate, from our own client. */
export interface PacedPlan {
  readonly name: 'quiet' | 'steady';
  /** Requests per second. */
  readonly rate: number;
  readonly requests: number;
}

/** One connection, the next request as soon as the last is answered, from wrk. */
export interface ClosedPlan {
  readonly name: 'busy';
  readonly seconds: number;
}

/** How requests are sent in one round. */
export type RoundPlan = PacedPlan | ClosedPlan;

const clientScript = fileURLToPath(new URL('client-process.ts', import.meta.url));
const wrkScript = fileURLToPath(new URL('requests.lua', import.meta.url));
const WARM_UP_REQUESTS = 300;
const CONNECTIONS = 4;
const GRACE_MILLIS = 20_000;

/** Sends the requests of one round. Resolves when they are answered. */
export function sendRequests(scene: Scene, plan: RoundPlan): Promise<ClientResult> {
  const salt = randomBytes(8).toString('hex');
  return plan.name === 'busy' ? sendClosed(scene, plan, salt) : sendPaced(scene, plan, salt);
}

async function sendPaced(
  { client, server, port }: Scene,
  { rate, requests }: PacedPlan,
  salt: string,
): Promise<ClientResult> {
  const plan: ClientPlan = {
    ...{ host: server.address, port, salt, rate, requests },
    warmUpRequests: WARM_UP_REQUESTS,
    connections: CONNECTIONS,
  };
  const child = spawnOn(placement.traffic, client, process.execPath, [clientScript, JSON.stringify(plan)]);
  const [line] = await child.waitForLine(/^\{.*\}$/, GRACE_MILLIS + (requests / rate) * 2000);
  await child.exited;
  return JSON.parse(line) as ClientResult;
}

async function sendClosed(
  { client, server, port }: Scene,
  { seconds }: ClosedPlan,
  salt: string,
): Promise<ClientResult> {
  const args = ['-t', '1', '-c', '1', '-d', `${seconds}s`, '-s', wrkScript];
  const url = `http://${server.address}:${port}/`;
  const { stdout, stderr, code } = await client.exec(
    ...pinned(placement.traffic, 'wrk', [...args, url, '--', BEFORE_CONTEXT, salt, AFTER_CONTEXT]),
    { timeoutMillis: GRACE_MILLIS + seconds * 1000 },
  );
  const requests = /(\d+) requests in/.exec(stdout)?.[1];
  const rate = /Requests\/sec: *([\d.]+)/.exec(stdout)?.[1];
  if (code !== 0 || requests === undefined || rate === undefined) {
    throw new Error(`wrk ended with status ${code}: ${stdout}${stderr}`);
  }
  return { requests: Number(requests), rate: Number(rate) };
}
