// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { pinned, placement } from './placement.ts';
import { AFTER_CONTEXT, BEFORE_CONTEXT } from './request.ts';
import type { Scene } from './scene.ts';

/** How wrk sends requests: on each connection the next as soon as the last is answered. */
export interface WrkPlan {
  readonly seconds: number;
  readonly connections: number;
  /** 16 hex digits that only this run has. Default: at random. */
  readonly salt?: string;
  /** Of the header that has the context. Default: `traceparent`. */
  readonly headerName?: string;
}

/** What wrk counted. */
export interface WrkResult {
  readonly requests: number;
  /** Requests per second. */
  readonly rate: number;
  /** 99 % of the requests were answered within this time. */
  readonly p99Micros: number;
}

const script = fileURLToPath(new URL('requests.lua', import.meta.url));
const GRACE_MILLIS = 20_000;
const MICROS = { us: 1, ms: 1000, s: 1_000_000 };

/** Runs wrk in the client's pod. Resolves when it has ended. */
export async function runWrk({ client, server, port }: Scene, plan: WrkPlan): Promise<WrkResult> {
  const { seconds, connections, salt = randomBytes(8).toString('hex'), headerName = 'traceparent' } = plan;
  const options = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--latency', '-s', script];
  const url = `http://${server.address}:${port}/`;
  const words = [BEFORE_CONTEXT, headerName, salt, AFTER_CONTEXT];
  const { stdout, stderr, code } = await client.exec(
    ...pinned(placement.traffic, 'wrk', [...options, url, '--', ...words]),
    { timeoutMillis: GRACE_MILLIS + seconds * 1000 },
  );
  const result = parseWrk(stdout);
  if (code !== 0 || result === undefined) {
    throw new Error(`wrk ended with status ${code}: ${stdout}${stderr}`);
  }
  return result;
}

/** @returns undefined when this is not what wrk prints with --latency */
export function parseWrk(text: string): WrkResult | undefined {
  const requests = /(\d+) requests in/.exec(text)?.[1];
  const rate = /Requests\/sec: *([\d.]+)/.exec(text)?.[1];
  const p99 = /^ *99% +([\d.]+)(us|ms|s)$/m.exec(text);
  if (requests === undefined || rate === undefined || p99 === null) return undefined;
  const [, amount, unit] = p99;
  return {
    requests: Number(requests),
    rate: Number(rate),
    p99Micros: Number(amount) * MICROS[unit as keyof typeof MICROS],
  };
}
