// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';

/** What a thread of this process may do. */
export interface ThreadPrivileges {
  readonly thread: number;
  readonly name: string;
  /** Permitted capabilities, as bits. */
  readonly permitted: bigint;
  /** Whether executing a file can give it no more than it has. */
  readonly noNewPrivileges: boolean;
}

const TASKS = '/proc/self/task';

/** Of every thread that there is now. */
export function readThreadPrivileges(): ThreadPrivileges[] {
  return readdirSync(TASKS).flatMap((thread) => {
    try {
      return parsePrivileges(Number(thread), readFileSync(`${TASKS}/${thread}/status`, 'utf8'));
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}

function parsePrivileges(thread: number, status: string): ThreadPrivileges {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  return {
    thread,
    name: field('Name'),
    permitted: BigInt(`0x${field('CapPrm')}`),
    noNewPrivileges: field('NoNewPrivs') === '1',
  };
}
