// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';

/** An interface as a process in the pod sees it in sysfs. */
export interface PodInterface {
  readonly ifname: string;
  readonly ifindex: number;
  /** Index of the other end of a veth, in the other end's namespace; its own where there is no other end. */
  readonly peerIfindex: number;
  /** DEVTYPE: `macvlan`, `ipvlan`, `netkit`, `bridge` and so on; a veth and hardware have none. */
  readonly type?: string;
}

/**
 * The interfaces but loopback in the network namespace of a process, by /proc/PID/root/sys/class/net. Sysfs shows the
 * namespace it was mounted in, so it is read through the process's own root; that takes CAP_SYS_PTRACE, and hostPID.
 * Empty when the process has gone, mounts no sysfs, or may not be looked at.
 * @param proc default: /proc
 */
export function readPodInterfaces(pid: number, proc = '/proc'): PodInterface[] {
  const folder = `${proc}/${pid}/root/sys/class/net`;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.filter((name) => name !== 'lo').flatMap((name) => readInterface(folder, name) ?? []);
}

function readInterface(folder: string, ifname: string): PodInterface | undefined {
  try {
    const number = (file: string): number => Number(readFileSync(`${folder}/${ifname}/${file}`, 'utf8'));
    const type = /^DEVTYPE=(.+)$/m.exec(readFileSync(`${folder}/${ifname}/uevent`, 'utf8'))?.[1];
    const found = { ifname, ifindex: number('ifindex'), peerIfindex: number('iflink') };
    return type === undefined ? found : { ...found, type };
  } catch {
    return undefined;
  }
}
