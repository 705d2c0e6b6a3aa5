// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { LabProcess, Namespace } from '@hopspan/test/lab/index.ts';

/** Who runs where: traffic on one CPU, those who watch it on the others. Lists as taskset(1) takes them. */
export interface Placement {
  readonly traffic: string;
  readonly watchers: string;
}

/**
 * Left to the scheduler, client and server sometimes share a CPU and sometimes wake an idle one for every
 * message, and the numbers of a round fall into one of two groups.
 * @param status text of /proc/self/status
 */
export function placeOn(status: string): Placement {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0';
  const cpus = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  const [traffic = 0, ...others] = cpus;
  return { traffic: String(traffic), watchers: others.length > 0 ? others.join(',') : String(traffic) };
}

export const placement = placeOn(readFileSync('/proc/self/status', 'utf8'));

/** The command line that runs `command` on these CPUs. */
export function pinned(cpus: string, command: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['--cpu-list', cpus, command, ...args]];
}

/** Starts a command there. See Namespace.spawn. */
export function spawnOn(
  cpus: string,
  place: Namespace,
  command: string,
  args: readonly string[],
): LabProcess {
  return place.spawn(...pinned(cpus, command, args));
}
