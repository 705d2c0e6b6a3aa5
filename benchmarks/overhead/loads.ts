// SPDX-License-Identifier: Apache-2.0
import { pinned, placement } from '../two-pods/placement.ts';
import type { Scene } from '../two-pods/scene.ts';
import { runWrk } from '../two-pods/wrk.ts';

/** What an application got done. */
export interface Performance {
  /** Per second: requests, or bits. */
  readonly rate: number;
  /** null where there are no requests. */
  readonly p99Micros: number | null;
  readonly requests: number;
}

/** Something that applications do, as much of it as they can. */
export interface Load {
  readonly name: 'traced' | 'untraced' | 'bulk';
  readonly unit: 'requests/s' | 'bit/s';
  run(scene: Scene, seconds: number): Promise<Performance>;
}

/** Enough for a CPU without a pause. */
const CONNECTIONS = 16;
const GRACE_MILLIS = 20_000;

export const loads: readonly Load[] = [
  { name: 'traced', unit: 'requests/s', run: (scene, seconds) => request(scene, seconds, 'traceparent') },
  // The same bytes, but for the header's name: an id as many proxies add one.
  { name: 'untraced', unit: 'requests/s', run: (scene, seconds) => request(scene, seconds, 'x-requestid') },
  { name: 'bulk', unit: 'bit/s', run: transfer },
];

function request(scene: Scene, seconds: number, headerName: string): Promise<Performance> {
  return runWrk(scene, { seconds, connections: CONNECTIONS, headerName });
}

/** One TCP connection that is always full. */
async function transfer({ client, server }: Scene, seconds: number): Promise<Performance> {
  const args = ['-c', server.address, '-t', String(seconds), '-J'];
  const { stdout, stderr, code } = await client.exec(...pinned(placement.traffic, 'iperf3', args), {
    timeoutMillis: GRACE_MILLIS + seconds * 1000,
  });
  if (code !== 0) throw new Error(`iperf3 ended with status ${code}: ${stdout}${stderr}`);
  const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return { rate: end.sum_received.bits_per_second, p99Micros: null, requests: 0 };
}
