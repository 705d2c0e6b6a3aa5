// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import type { Scene } from '../two-pods/scene.ts';
import type { ClientResult } from './client-plan.ts';
import { type Joined, join } from './join.ts';
import { type RoundPlan, sendRequests } from './load.ts';
import { NodeProbe } from './probe.ts';
import { Tap } from './tcpdump.ts';

/** One direction of one round. */
export interface DirectionResult {
  readonly direction: 'transmit' | 'receive';
  readonly joined: Joined;
  /** Packets that tcpdump missed, at both devices. */
  readonly tcpdumpDropped: number;
  /** Hop records the kernel had no room for. */
  readonly ringFull: number;
}

/** What one round saw. */
export interface RoundResult {
  readonly plan: RoundPlan;
  readonly client: ClientResult;
  readonly directions: readonly DirectionResult[];
}

/** No acknowledgement is as long, and every request is longer, in bytes of the frame. */
const ONLY_REQUESTS = 'greater 200';

/**
 * Sends requests while tcpdump and the probe watch the same two devices of each node: requests are
 * transmitted by the client's node and received by the server's.
 */
export async function playRound(scene: Scene, plan: RoundPlan): Promise<RoundResult> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'hopspan-accuracy-'));
  try {
    const watches = await Promise.all([
      watch(scene, 'transmit', joinPath(folder, 'transmit')),
      watch(scene, 'receive', joinPath(folder, 'receive')),
    ]);
    const client = await sendRequests(scene, plan);
    const directions = await Promise.all(watches.map((stop) => stop()));
    return { plan, client, directions };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function watch(
  { client, server, port, vxlanPort }: Scene,
  direction: DirectionResult['direction'],
  file: string,
): Promise<() => Promise<DirectionResult>> {
  const transmit = direction === 'transmit';
  const { node, vport } = transmit ? client : server;
  const inner = { device: vport, filter: `tcp dst port ${port} and ${ONLY_REQUESTS}` };
  const outer = { device: node.nicName, filter: `udp dst port ${vxlanPort} and ${ONLY_REQUESTS}` };
  const [from, to] = transmit ? [inner, outer] : [outer, inner];
  const probe = await NodeProbe.start(node, vport, `${file}.json`);
  const taps = await Promise.all([
    Tap.start({ node, ...from, flow: 'in', file: `${file}-from.pcap` }),
    Tap.start({ node, ...to, flow: 'out', file: `${file}-to.pcap` }),
  ]);
  return async () => {
    const [seen, first, last] = await Promise.all([
      probe.stop(),
      taps[0].stop(vxlanPort),
      taps[1].stop(vxlanPort),
    ]);
    const hops = seen.hops.filter((hop) => hop.direction === direction);
    return {
      direction,
      joined: join(hops, first.sightings, last.sightings),
      tcpdumpDropped: first.dropped + last.dropped,
      ringFull: seen.counters.ring_full ?? 0,
    };
  };
}
