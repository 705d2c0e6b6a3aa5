// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

const CHECK_MILLIS = 500;
const MAX_DEPTH = 32;

/** A process that cannot be mistaken for a later one with the same id. */
interface Ancestor {
  readonly pid: number;
  readonly startTime: string;
}

let watching = false;

/**
 * Ends this process by SIGTERM when the npm that runs it is gone: whoever kills npm means the whole
 * command, but the kernel only hands its child to another parent. Does nothing where no npm is above.
 */
export function endWithNpm(): void {
  if (watching) return;
  watching = true;
  const ancestors = ancestorsUpToNpm(process.ppid);
  if (ancestors.length === 0) return;
  const timer = setInterval(() => {
    if (ancestors.every(isAlive)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, CHECK_MILLIS);
  timer.unref();
}

/** From the parent up to the outermost npm; empty when there is none. */
function ancestorsUpToNpm(parent: number): Ancestor[] {
  const chain: Ancestor[] = [];
  let outermost = 0;
  for (let pid = parent; pid > 1 && chain.length < MAX_DEPTH; ) {
    const stat = readStat(pid);
    if (stat === undefined) break;
    chain.push({ pid, startTime: stat.startTime });
    if (/^npm(\s|$)/.test(stat.title)) outermost = chain.length;
    pid = stat.ppid;
  }
  return chain.slice(0, outermost);
}

function isAlive({ pid, startTime }: Ancestor): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z';
}

/** proc(5): "pid (title) state ppid …", the start time is field 22. The title may contain anything. */
function readStat(
  pid: number,
): { title: string; state: string; ppid: number; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const title = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    return { title, state: fields[0] as string, ppid: Number(fields[1]), startTime: fields[19] as string };
  } catch {
    return undefined;
  }
}
