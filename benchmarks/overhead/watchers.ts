// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import type { LabPod, LabProcess } from '@hopspan/test/lab/index.ts';
import { placement, spawnOn } from '../two-pods/placement.ts';
import type { Scene } from '../two-pods/scene.ts';
import type { ProbeAccount } from './probe-account.ts';

/** Who looks at the packets meanwhile, on both nodes at NIC and vport. */
export interface Watcher {
  readonly name: 'none' | 'hopspan' | 'tcpdump';
  /** Resolves when it watches, with what ends it. */
  start(scene: Scene): Promise<() => Promise<ProbeAccount | undefined>>;
}

const script = fileURLToPath(new URL('probe-process.ts', import.meta.url));
/** Room for a request in VXLAN, with the context. */
const SNAPSHOT_BYTES = 600;

export const watchers: readonly Watcher[] = [
  { name: 'none', start: async () => async () => undefined },
  { name: 'hopspan', start: startProbes },
  { name: 'tcpdump', start: startTaps },
];

async function startProbes({ client, server }: Scene): Promise<() => Promise<ProbeAccount>> {
  const probes = await Promise.all([client, server].map(startProbe));
  return async () => {
    const accounts = await Promise.all(probes.map(endProbe));
    const sum = (key: keyof ProbeAccount) => accounts.reduce((total, account) => total + account[key], 0);
    return { hops: sum('hops'), ringFull: sum('ringFull'), cpuMicros: sum('cpuMicros') };
  };
}

async function startProbe({ node, vport }: LabPod): Promise<LabProcess> {
  const args = [script, node.nicName, vport];
  const probe = spawnOn(placement.watchers, node, process.execPath, args);
  await probe.waitForLine(/^ready$/);
  return probe;
}

async function endProbe(probe: LabProcess): Promise<ProbeAccount> {
  probe.stdin.end();
  const [line] = await probe.waitForLine(/^\{.*\}$/);
  await probe.exited;
  return JSON.parse(line) as ProbeAccount;
}

/** As somebody would run it who matches packets by hand, but for the disk. */
async function startTaps({ client, server, port, vxlanPort }: Scene): Promise<() => Promise<undefined>> {
  const taps = [client, server].flatMap(({ node, vport }) => [
    [node, vport, `tcp port ${port}`] as const,
    [node, node.nicName, `udp dst port ${vxlanPort}`] as const,
  ]);
  const processes = await Promise.all(
    taps.map(async ([node, device, filter]) => {
      const options = ['-i', device, '-n', '-s', String(SNAPSHOT_BYTES), '-Z', 'root', '-w', '/dev/null'];
      const tap = spawnOn(placement.watchers, node, 'tcpdump', [...options, filter]);
      await tap.waitForLine(/listening on/);
      return tap;
    }),
  );
  return async () => {
    for (const tap of processes) tap.kill('SIGINT');
    await Promise.all(processes.map(({ exited }) => exited));
    return undefined;
  };
}
