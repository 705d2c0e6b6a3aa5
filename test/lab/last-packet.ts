// SPDX-License-Identifier: Apache-2.0
// When tcpdump has seen everything: however late it is, a datagram that is sent last is what it sees last.
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Namespace } from './namespace.ts';

/** The discard service: nobody listens there, and nothing else in a lab sends to it. */
export const LAST_PORT = 9;
const LIMIT_MILLIS = 60_000;
const POLL_MILLIS = 50;

/** Sends a datagram. Needs bash. @returns its text, which no other has */
export async function sendLast(from: Namespace, address: string): Promise<string> {
  const text = randomBytes(16).toString('hex');
  const { code, stderr } = await from.exec('bash', [
    '-c',
    `printf ${text} > /dev/udp/${address}/${LAST_PORT}`,
  ]);
  if (code !== 0) throw new Error(`sendLast in ${from.name}: ${stderr}`);
  return text;
}

/** Resolves when a capture file holds all that has passed by now; its filter must let a datagram to the address pass. */
export async function waitUntilWritten(file: string, from: Namespace, address: string): Promise<void> {
  const before = statSync(file).size;
  const text = await sendLast(from, address);
  for (const end = performance.now() + LIMIT_MILLIS; !readFrom(file, before).includes(text); ) {
    if (performance.now() > end)
      throw new Error(`${file}: the last packet is not there after ${LIMIT_MILLIS} ms`);
    await sleep(POLL_MILLIS);
  }
}

function readFrom(file: string, position: number): Buffer {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(fstatSync(fd).size - position);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, position));
  } finally {
    closeSync(fd);
  }
}
