// SPDX-License-Identifier: Apache-2.0
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
  const others: NoVportReason[] = [];
  const links = interfaces.flatMap(({ ifindex, peerIfindex, type }) => {
    if (type === 'macvlan' || type === 'ipvlan' || type === 'netkit') others.push(type);
    else if (type === undefined && ifindex === peerIfindex) others.push('hardware');
    const link = type === undefined && ifindex !== peerIfindex ? snapshot.link(peerIfindex) : undefined;
    return link ?? [];
  });
  return judgeLinks(links) ?? others[0];
}
