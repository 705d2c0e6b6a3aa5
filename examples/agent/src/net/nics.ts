// SPDX-License-Identifier: Apache-2.0
import type { NetworkInterface, Route } from '@hopspan/bpf-probe';

/** Where packets enter and leave this node, as far as this machine tells. */
export interface NodeView {
  readonly links: readonly NetworkInterface[];
  readonly routes: readonly Route[];
  /** Addresses by device. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** The node's own address in the cluster: InternalIP of its Node object. */
  readonly nodeAddress?: string | undefined;
}

const MAIN_TABLE = 254;

/** Devices that lead out of the node whatever routing table names them. */
const UPLINK_KINDS: readonly (string | undefined)[] = [undefined, 'bond', 'team', 'vlan'];

/**
 * The uplinks: the devices of the default routes, best first, and the one that has the node's address, because that
 * is where the overlay's packets go. Other routing tables than the main one count for hardware, bonds and VLANs
 * only: there, a CNI plugin's own devices have default routes, too. Of a bond, the bond and not its parts.
 */
export function findNics(view: NodeView): string[] {
  const byIndex = new Map(view.links.map((link) => [link.ifindex, link]));
  const defaults = view.routes
    .filter(({ destination }) => destination === undefined)
    .toSorted((a, b) => Number(a.family) - Number(b.family) || a.metric - b.metric)
    .flatMap((route) => {
      const link = byIndex.get(route.ifindex);
      if (link === undefined || link.ifname === 'lo') return [];
      return route.table === MAIN_TABLE || UPLINK_KINDS.includes(link.kind) ? link : [];
    })
    .map((link) => masterOf(link, byIndex).ifname);
  const holder = holderOf(view);
  return [...new Set(holder === undefined ? defaults : [...defaults, holder])];
}

/** What is wrong with NICs that somebody has chosen, one line each. */
export function checkNics(nics: readonly string[], view: NodeView): string[] {
  const byIndex = new Map(view.links.map((link) => [link.ifindex, link]));
  const warnings = view.links
    .filter(({ ifname }) => nics.includes(ifname))
    .flatMap((link) => {
      const master = masterOf(link, byIndex);
      if (master === link || nics.includes(master.ifname)) return [];
      return `${link.ifname} is a part of ${master.ifname}, which has the traffic of all its parts; name ${master.ifname}`;
    });
  const holder = holderOf(view);
  if (view.nodeAddress === undefined) return warnings;
  if (holder === undefined) {
    warnings.push(
      `no device has the node's address ${view.nodeAddress}; is this the node's network namespace (hostNetwork: true)?`,
    );
  } else if (!nics.includes(holder)) {
    warnings.push(
      `the node's address ${view.nodeAddress} is on ${holder}, which is not watched; what leaves there has no transmit hop`,
    );
  }
  return warnings;
}

function holderOf({ addresses, nodeAddress }: NodeView): string | undefined {
  if (nodeAddress === undefined) return undefined;
  return Object.entries(addresses).find(([, list]) => list.includes(nodeAddress))?.[0];
}

/** The bond or team that a device is a part of; itself otherwise. */
function masterOf(link: NetworkInterface, byIndex: ReadonlyMap<number, NetworkInterface>): NetworkInterface {
  const master = link.master === undefined ? undefined : byIndex.get(link.master);
  return master?.kind === 'bond' || master?.kind === 'team' ? master : link;
}
