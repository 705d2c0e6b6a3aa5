// SPDX-License-Identifier: Apache-2.0
import type { HostLink } from './network.ts';
import { type PodInterface, readPodInterfaces } from './pod-interfaces.ts';
import type { NetworkSnapshot } from './snapshot.ts';
import type { NoVportReason, VportFinding, VportSubject } from './subject.ts';
import { judgeLinks } from './veth.ts';

/** Reads the interfaces in the network namespace of a process. */
export type PodInterfaceReader = (pid: number) => readonly PodInterface[];

/**
 * The devices that lead into the network namespace of the pod's process, or into that of a path. The kernel has an
 * id for each namespace that a veth leads to, and tells that of a process without any capability. Where no veth leads
 * there, sysfs as the process sees it says by what else the pod is attached; that takes CAP_SYS_PTRACE.
 */
export function findByNamespace(
  { pid, namespacePath }: VportSubject,
  snapshot: NetworkSnapshot,
  read: PodInterfaceReader = readPodInterfaces,
): VportFinding {
  const refs = [
    ...(pid === undefined ? [] : [{ pid }]),
    ...(namespacePath === undefined ? [] : [{ path: namespacePath }]),
  ];
  for (const ref of refs) {
    const id = snapshot.namespaceId(ref);
    const found = id === undefined ? undefined : judgeLinks(snapshot.linksTo(id));
    if (found !== undefined) return found;
  }
  return pid === undefined ? undefined : judgeInterfaces(read(pid), snapshot);
}

function judgeInterfaces(interfaces: readonly PodInterface[], snapshot: NetworkSnapshot): VportFinding {
  const links = interfaces.flatMap((each) => {
    const link = each.type === undefined ? snapshot.link(each.peerIfindex) : undefined;
    return link !== undefined && isOtherEnd(link, each) ? link : [];
  });
  return (
    judgeLinks(links) ?? interfaces.map((each) => reasonOf(each, snapshot)).find((why) => why !== undefined)
  );
}

/** Both must say so: an index alone may be that of a device below, or of one in another namespace. */
function isOtherEnd({ kind, link, linkNamespace }: HostLink, { ifindex }: PodInterface): boolean {
  return kind === 'veth' && link === ifindex && linkNamespace !== undefined;
}

/**
 * By what a pod is attached that has no veth. The kernel gives macvlan and ipvlan devices no type in sysfs, but they
 * have a device of the node below; ipvlan has its hardware address, too.
 */
function reasonOf({ type, hardware, peerIfindex, address }: PodInterface, snapshot: NetworkSnapshot) {
  if (type === 'macvlan' || type === 'ipvlan' || type === 'netkit') return type satisfies NoVportReason;
  if (type !== undefined) return undefined;
  if (hardware) return 'hardware' satisfies NoVportReason;
  const below = snapshot.link(peerIfindex);
  if (below === undefined) return undefined;
  return (below.address === address ? 'ipvlan' : 'macvlan') satisfies NoVportReason;
}
