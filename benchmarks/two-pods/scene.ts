// SPDX-License-Identifier: Apache-2.0
import { Lab, type LabPod } from '@hopspan/test/lab/index.ts';
import { startServer } from './server.ts';

/** The two pods that talk, on two nodes. */
export interface Scene {
  readonly client: LabPod;
  readonly server: LabPod;
  readonly port: number;
  readonly vxlanPort: number;
  /** Ends the server by itself. Killed with the lab it would leave its worker's CPU time to somebody who is not ours. */
  stop(): Promise<unknown>;
}

const PORT = 8080;
const VXLAN_PORT = 8472;

/** Two nodes, a pod on each, and VXLAN between them. */
export function createLab(name: string): Promise<Lab> {
  return Lab.create({
    name,
    nodes: [{ name: 'node1' }, { name: 'node2' }],
    overlay: { type: 'vxlan', port: VXLAN_PORT },
    pods: [
      { name: 'client', node: 'node1' },
      { name: 'server', node: 'node2' },
    ],
  });
}

/** Starts the server. Resolves when it listens. */
export async function deploy(lab: Lab): Promise<Scene> {
  const client = lab.pod('client');
  const server = lab.pod('server');
  const process = await startServer(server, PORT, lab.folder);
  return { client, server, port: PORT, vxlanPort: VXLAN_PORT, stop: () => process.stop() };
}
