// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';

/**
 * The uid of a pod in the name of its control group, whichever driver and runtime gave it:
 * `/kubepods/burstable/pod<uid>/<id>`, `/kubepods.slice/kubepods-pod<uid>.slice/cri-containerd-<id>.scope`. systemd
 * wants underscores where a uid has dashes. Static pods have 32 digits without any.
 */
const POD_UID = /(?:^|[/-])pod([0-9a-f]{8}(?:[_-]?[0-9a-f]{4}){3}[_-]?[0-9a-f]{12})(?:[./]|$)/m;

/** The uid of the pod that a process belongs to, from the text of /proc/PID/cgroup. */
export function podUidOf(cgroup: string): string | undefined {
  return POD_UID.exec(cgroup)?.[1]?.replaceAll('_', '-');
}

/**
 * A process of each pod that has one: reads /proc/PID/cgroup of every process, which takes the node's PID namespace
 * (hostPID) and no capability.
 * @param proc default: /proc
 */
export async function findPodProcesses(proc = '/proc'): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const entry of await readdir(proc).catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    // It may end while we look.
    const text = await readFile(`${proc}/${entry}/cgroup`, 'utf8').catch(() => '');
    const uid = podUidOf(text);
    if (uid !== undefined && !found.has(uid)) found.set(uid, Number(entry));
  }
  return found;
}
