// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Lab, type LabPod, type LabProcess } from '@hopspan/test/lab/index.ts';
import type { ServerResult } from './round-result.ts';

const PORT = 9080;

/** The path of a module here, for a process of its own. */
export const scriptPath = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/** Two pods that talk, on two nodes. */
export interface Scene {
  readonly client: LabPod;
  readonly server: LabPod;
  readonly port: number;
  /** Ends the server, and tells what it read. */
  stopServer(): Promise<ServerResult>;
}

/** Two nodes, a pod on each, and VXLAN between them. */
export function createLab(): Promise<Lab> {
  return Lab.create({
    name: 'detection',
    nodes: [{ name: 'node1' }, { name: 'node2' }],
    overlay: { type: 'vxlan' },
    pods: [
      { name: 'client', node: 'node1' },
      { name: 'server', node: 'node2' },
    ],
  });
}

/** Starts the server. Resolves when it listens. */
export async function deploy(lab: Lab, folder: string): Promise<Scene> {
  const file = `${folder}/server.json`;
  const server = lab.pod('server');
  const child = server.spawn(process.execPath, [scriptPath('server-process'), String(PORT), file]);
  await child.waitForLine(/^ready$/);
  const stopServer = () => readResult<ServerResult>(child, file);
  return { client: lab.pod('client'), server, port: PORT, stopServer };
}

/** Ends a process by its standard input, and reads what it then wrote to its file. */
export async function readResult<T>(child: LabProcess, file: string): Promise<T> {
  child.stdin.end();
  const { code, signal } = await child.exited;
  if (code === 0) return JSON.parse(readFileSync(file, 'utf8')) as T;
  const said = child.stderr.lines.slice(-10).join('\n');
  throw new Error(`${child.command} ended with ${signal ?? `status ${code}`}: ${said}`);
}
