// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Runs a command; its output. Throws with what it said when it fails. */
export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A pair of connected devices, both up. */
export function addVeth(name: string, peer: string): void {
  run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', peer);
  for (const end of [name, peer]) run('ip', 'link', 'set', end, 'up');
}

export function removeLink(name: string): void {
  run('ip', 'link', 'del', name);
}

/** A network namespace that exists as long as its first process. */
export interface Peer {
  /** Process id of one that is in it. */
  readonly pid: number;
  /** Runs a Node program in it and waits for its end; its output. The event loop stands still meanwhile. */
  run(script: string): string;
  /** Starts a Node program in it, waits for its first line of output, and resolves to a wait for its end. */
  start(script: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * A namespace behind a veth pair, as a pod is behind its vport. `device` is the end on this side; both ends
 * have an address in 10.0.`net`.0/24 (1 here, 2 there), and the far side sends everything here. All its
 * processes end when their standard input does, so also when this process is killed.
 */
export async function addPeer(device: string, net: number): Promise<Peer> {
  const holder = spawn('unshare', ['--net', '--', 'sh', '-c', 'echo ready; exec cat']);
  await once(createInterface(holder.stdout), 'line');
  const inside = ['--net', '--target', String(holder.pid), '--'];
  const ip = (...args: readonly string[]): string => run('nsenter', ...inside, 'ip', ...args);
  run('ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder.pid));
  run('ip', 'address', 'add', `10.0.${net}.1/24`, 'dev', device);
  run('ip', 'link', 'set', device, 'up');
  ip('address', 'add', `10.0.${net}.2/24`, 'dev', 'eth0');
  ip('link', 'set', 'eth0', 'up');
  ip('route', 'add', 'default', 'via', `10.0.${net}.1`);
  // Else TCP takes a machine that stands still for a moment for a loss, and sends again (since Linux 6.11).
  run('nsenter', ...inside, 'sysctl', '-qew', 'net.ipv4.tcp_rto_min_us=5000000');
  const argv = [...inside, process.execPath, '--input-type=module', '--eval'];
  const endings: (() => Promise<void>)[] = [() => endOf(holder)];
  return {
    pid: holder.pid as number,
    run: (script) => run('nsenter', ...argv, script),
    start: async (script) => {
      const child = spawn('nsenter', [...argv, script + DIE_WITH_PARENT], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      endings.push(() => endOf(child));
      const ended = once(child, 'exit');
      await once(createInterface(child.stdout), 'line');
      return async () => void (await ended);
    },
    close: async () => {
      for (const end of endings.reverse()) await end();
    },
  };
}

const DIE_WITH_PARENT = `
  process.stdin.on('end', () => process.exit());
  process.stdin.resume().unref();
`;

async function endOf(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  if (child.kill('SIGKILL')) await ended;
}

/** One packet to this address that every point counts as malformed: VXLAN that is too short for its header. */
export async function sendMalformed(address: string): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise((sent) => socket.send('?', 4789, address, sent));
  socket.close();
}

/** This namespace forwards, as a node does between its pods and its uplink. */
export function forwardPackets(): void {
  run('ip', 'link', 'set', 'lo', 'up');
  run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
}

/** A program that answers every HTTP request. */
export const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end('ok')).listen(8080, () => console.log('ready'));
`;

/** A program that sends requests one after the other, each with a span id of its own, and says how many were answered. */
export function client(url: string, requests: number, traceFlags = '01'): string {
  return `
    import { Agent, get } from 'node:http';
    import { createSocket } from 'node:dgram';
import { once } from 'node:events';
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let answered = 0;
    for (let i = 1; i <= ${requests}; i += 1) {
      const traceparent = '00-${TRACE_ID}-' + i.toString(16).padStart(16, '0') + '-${traceFlags}';
      const [response] = await once(get('${url}', { agent, headers: { traceparent } }), 'response');
      response.resume();
      await once(response, 'end');
      answered += 1;
    }
    console.log(answered);
    agent.destroy();
  `;
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

export function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** Waits for a condition that must come true; fails after a minute. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 6000; i += 1) {
    if (holds()) return;
    await sleep(10);
  }
  throw new Error(`it did not happen within 60 s: ${what}`);
}
