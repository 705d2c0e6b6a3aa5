// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** An interface as a process in the pod sees it in sysfs. */
export interface PodInterface {
  readonly ifname: string;
  readonly ifindex: number;
  /** Index of the other end of a veth or of the device below, in that one's namespace; its own where there is none. */
  readonly peerIfindex: number;
  readonly address: string;
  /** Whether it is a piece of hardware, or a part of one (SR-IOV). */
  readonly hardware: boolean;
  /** DEVTYPE: `netkit`, `bridge`, `vlan` and so on; a veth, a macvlan and hardware have none. */
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
    const read = (file: string): string => readFileSync(`${folder}/${ifname}/${file}`, 'utf8').trim();
    const type = /^DEVTYPE=(.+)$/m.exec(read('uevent'))?.[1];
    const found = {
      ...{ ifname, ifindex: Number(read('ifindex')), peerIfindex: Number(read('iflink')) },
      ...{ address: read('address'), hardware: existsSync(`${folder}/${ifname}/device`) },
    };
    return type === undefined ? found : { ...found, type };
  } catch {
    return undefined;
  }
}
