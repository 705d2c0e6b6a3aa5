// SPDX-License-Identifier: Apache-2.0

/** What is used of /proc/PID/stat (proc(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Whether it is a thread of the kernel (PF_KTHREAD). */
  readonly kernel: boolean;
  /** CPU time of the process and of the children it has waited for, in clock ticks. */
  readonly ticks: number;
}

/** CPU time of the whole machine, in clock ticks. */
export interface MachineStat {
  /** user, nice, system, irq, softirq. */
  readonly busy: number;
  /** What the hypervisor gave to others. */
  readonly steal: number;
}

const PF_KTHREAD = 0x0020_0000;

/** @param text of /proc/PID/stat. The name in parentheses may hold anything, a parenthesis too. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const fields = text
    .slice(end + 2)
    .split(' ')
    .map(Number);
  const parent = fields[1];
  const flags = fields[6];
  if (end < 0 || parent === undefined || flags === undefined || fields.length < 15) return undefined;
  const ticks = sum(fields.slice(11, 15));
  return { pid, parent, kernel: (flags & PF_KTHREAD) !== 0, ticks };
}

/** @param text of /proc/stat */
export function parseMachineStat(text: string): MachineStat {
  const first = text.slice(0, text.indexOf('\n'));
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: user + nice + system + irq + softirq, steal };
}

/** The process and everything that descends from it. */
export function findTree(stats: readonly ProcessStat[], root: number): Set<number> {
  const children = Map.groupBy(stats, ({ parent }) => parent);
  const tree = new Set<number>();
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    tree.add(pid);
    waiting.push(...(children.get(pid) ?? []).map((child) => child.pid));
  }
  return tree;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
