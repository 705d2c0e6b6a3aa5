// SPDX-License-Identifier: Apache-2.0
import { loadNative } from './native.ts';
import { type NetworkInterface, readLinks } from './netlink/links.ts';
import { type NamespaceRef, readNamespaceId } from './netlink/namespaces.ts';
import {
  type ForwardingEntry,
  type Neighbour,
  readForwarding,
  readNeighbours,
} from './netlink/neighbours.ts';
import { type Route, readRoutes } from './netlink/routes.ts';

/** What this process's network namespace knows, as the kernel tells it at the time of the call. */
export interface HostNetwork {
  links(): readonly NetworkInterface[];
  routes(): readonly Route[];
  neighbours(): readonly Neighbour[];
  forwarding(): readonly ForwardingEntry[];
  namespaceId(ref: NamespaceRef): number | undefined;
}

/**
 * Reads by rtnetlink: one system call or two for each list, no process, no privilege.
 * @throws HopProbeError as loading the addon does; its functions HOPSPAN_ERR_SYSTEM
 */
export function openHostNetwork(): HostNetwork {
  const native = loadNative();
  return {
    links: () => readLinks(native),
    routes: () => readRoutes(native),
    neighbours: () => readNeighbours(native),
    forwarding: () => readForwarding(native),
    namespaceId: (ref) => readNamespaceId(native, ref),
  };
}
