// SPDX-License-Identifier: Apache-2.0
import type { NetworkSnapshot } from './snapshot.ts';
import type { VportFinding, VportSubject } from './subject.ts';
import { judgeLinks } from './veth.ts';

/**
 * The device of the route to the pod's own address: Calico, the ptp plugin, AWS VPC CNI, Cilium with endpoint
 * routes, kindnet. It takes neither a process id nor a socket.
 */
export function findByHostRoute({ addresses }: VportSubject, snapshot: NetworkSnapshot): VportFinding {
  return judgeLinks(addresses.flatMap((address) => snapshot.hostRoute(address) ?? []));
}
