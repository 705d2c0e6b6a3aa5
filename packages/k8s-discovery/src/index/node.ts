// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { RawObject } from '../api/resource.ts';

/** The fields of v1.Node that are used. */
export interface RawNode extends RawObject {
  readonly spec?: { readonly podCIDR?: string; readonly podCIDRs?: readonly string[] };
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

/** A node, cut down to what is used. */
export interface Node {
  readonly name: string;
  /** IP addresses, internal and external. */
  readonly addresses: readonly string[];
  /** Where the addresses of its pods come from, as `10.244.1.0/24`; empty where the CNI has its own allocation. */
  readonly podCidrs: readonly string[];
}

export function trimNode({ metadata = {}, spec = {}, status = {} }: RawNode): Node {
  const addresses = (status.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => isIP(address) !== 0);
  return {
    name: metadata.name ?? '',
    addresses: [...new Set(addresses)],
    podCidrs: spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []),
  };
}
