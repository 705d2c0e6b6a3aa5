// SPDX-License-Identifier: Apache-2.0
import type { NetworkSnapshot } from './snapshot.ts';
import type { VportFinding, VportSubject } from './subject.ts';
import { judgeLinks } from './veth.ts';

/**
 * Of a pod on a bridge (flannel, docker0, the bridge plugin): the neighbour table has the hardware address of its IP
 * address, and the bridge's forwarding database the port behind which that is. Both know a pod that has been spoken to.
 */
export function findByBridgePort({ addresses }: VportSubject, snapshot: NetworkSnapshot): VportFinding {
  return judgeLinks(addresses.flatMap((address) => snapshot.bridgePort(address) ?? []));
}
