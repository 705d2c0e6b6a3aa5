// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { NetworkSnapshot } from './snapshot.ts';
import type { VportFinding, VportSubject } from './subject.ts';
import { judgeLinks } from './veth.ts';

/**
 * Prefixes of devices that are named by Calico's rule, which its policy engine needs of other plugins, too:
 * Calico's own, AWS VPC CNI (`eni`; `vlan` for pods with an ENI of their own), GKE and Azure.
 */
export const CNI_NAME_PREFIXES: readonly string[] = ['cali', 'eni', 'gke', 'azv', 'vlan'];

/** How many hexadecimal digits of the hash there is room for in a device's name. */
const HASH_DIGITS = 11;

/** A pod's device as Calico names it: the prefix and the beginning of SHA-1 of `namespace.name`. */
export function cniDeviceName(prefix: string, namespace: string, name: string): string {
  const hash = createHash('sha1').update(`${namespace}.${name}`).digest('hex');
  return `${prefix}${hash.slice(0, HASH_DIGITS)}`;
}

/** The device whose name follows from the pod's, if there is one. */
export function findByCniName(
  { namespace, name }: VportSubject,
  snapshot: NetworkSnapshot,
  prefixes: readonly string[] = CNI_NAME_PREFIXES,
): VportFinding {
  if (namespace === undefined || name === undefined) return undefined;
  return judgeLinks(
    prefixes.flatMap((prefix) => snapshot.linkNamed(cniDeviceName(prefix, namespace, name)) ?? []),
  );
}
