// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import {
  findTree,
  type MachineStat,
  type ProcessStat,
  parseMachineStat,
  parseProcessStat,
} from './process-stat.ts';

/** CPU time so far, in clock ticks, at a moment. */
export interface LoadSample {
  readonly atMillis: number;
  readonly machine: MachineStat;
  /** Our processes, those that have ended included. */
  readonly own: number;
  /** Everybody else's but the kernel's threads, which may work for us. */
  readonly foreign: number;
}

/** Ticks of a CPU's time per second in /proc: part of the kernel's ABI on every platform. */
const TICKS_PER_SECOND = 100;

/** @param root process id of the one whose descendants are ours */
export function sampleLoad(root: number = process.pid): LoadSample {
  const stats = readProcesses();
  const tree = findTree(stats, root);
  let own = 0;
  let foreign = 0;
  for (const { pid, kernel, ticks } of stats) {
    if (tree.has(pid)) own += ticks;
    else if (!kernel) foreign += ticks;
  }
  const machine = parseMachineStat(readFileSync('/proc/stat', 'utf8'));
  return { atMillis: performance.now(), machine, own, foreign };
}

/**
 * CPUs that others kept busy, between two samples in which we did nothing much: all that was used but
 * for our own. Sees processes that were there for a moment only, and those of other containers.
 */
export function foreignCpusAtRest(from: LoadSample, to: LoadSample): number {
  const used = to.machine.busy + to.machine.steal - from.machine.busy - from.machine.steal;
  return cpus(used - (to.own - from.own), from, to);
}

/**
 * CPUs that others kept busy while we were busy too. The machine's own sums are of no use here: they
 * count whole ticks by what runs when the clock ticks, and our processes wake by that same clock.
 */
export function foreignCpusAtWork(from: LoadSample, to: LoadSample): number {
  return cpus(to.foreign - from.foreign + to.machine.steal - from.machine.steal, from, to);
}

function cpus(ticks: number, from: LoadSample, to: LoadSample): number {
  const seconds = (to.atMillis - from.atMillis) / 1000;
  return Math.max(0, Math.round((ticks / TICKS_PER_SECOND / seconds) * 1000) / 1000);
}

function readProcesses(): ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    } catch {
      return []; // It has ended since.
    }
  });
}
