// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { placement, spawnOn } from '../two-pods/placement.ts';
import type { Scene } from '../two-pods/scene.ts';
import { runWrk } from '../two-pods/wrk.ts';
import type { ClientPlan, ClientResult } from './client-plan.ts';

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
const WARM_UP_REQUESTS = 300;
const CONNECTIONS = 4;
const GRACE_MILLIS = 20_000;

/** Sends the requests of one round. Resolves when they are answered. */
export function sendRequests(scene: Scene, plan: RoundPlan): Promise<ClientResult> {
  const salt = randomBytes(8).toString('hex');
  return plan.name === 'busy'
    ? runWrk(scene, { seconds: plan.seconds, connections: 1, salt })
    : sendPaced(scene, plan, salt);
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
