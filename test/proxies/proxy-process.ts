// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A reverse proxy that runs on 127.0.0.1. */
export interface ProxyProcess {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  stop(): Promise<void>;
}

/** Writes the files to a folder of their own, starts the program in it, and waits until it listens. */
export async function startProxy(
  command: string,
  args: (folder: string) => readonly string[],
  files: (port: number, folder: string) => Readonly<Record<string, string>>,
): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-proxy-'));
  const port = await findFreePort();
  for (const [name, text] of Object.entries(files(port, folder))) writeFileSync(join(folder, name), text);
  const child = spawn(command, args(folder), { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part));
  child.stderr.on('data', (part: Buffer) => (said += part));
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true });
  };
  try {
    await once(child, 'spawn');
    await waitForListener(child, port, () => said);
    return { url: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function waitForListener(child: ChildProcess, port: number, said: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null)
      throw new Error(`${child.spawnfile} ended with ${child.exitCode}: ${said()}`);
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`${child.spawnfile} does not listen on ${port}: ${said()}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await once(child, 'exit');
  clearTimeout(timer);
}
