// SPDX-License-Identifier: Apache-2.0
import { ip } from '../batch.ts';
import type { Family, ResolvedOverlay } from '../options.ts';
import type { NodePlan } from '../plan.ts';

/** A node that gets an overlay, and where that starts. */
export interface OverlaySite {
  readonly overlay: ResolvedOverlay;
  readonly node: NodePlan;
  /** Every other node. */
  readonly peers: readonly NodePlan[];
  /** IP versions of the pods' packets that go through it. */
  readonly families: readonly Family[];
  /** The device that the wrapped packets leave by: the NIC, or a VLAN on it. */
  readonly carrier: string;
  /** The address of a node on that device. */
  readonly addressOf: (node: NodePlan) => string;
}

/** One way to wrap packets. */
export interface OverlayKind {
  /** Type of its devices, as `ip link` calls it; undefined when it makes none. */
  readonly linkType: (underlay: Family) => string | undefined;
  /** What its devices are called on a node. */
  readonly deviceNames: (overlay: ResolvedOverlay, peers: readonly NodePlan[]) => string[];
  /** IP versions of the packets that it wraps. */
  readonly carries: readonly Family[];
  /** IP versions of the header that it puts in front, the usual one first. */
  readonly underlays: readonly [Family, ...Family[]];
  /** Bytes of all headers that it puts in front of a pod's packet. */
  readonly overhead: (underlay: Family) => number;
  /** Usual UDP destination port. Default: it has no ports. */
  readonly port?: number;
  /** A program that it takes besides iproute2. Default: none. */
  readonly program?: string;
  /** Shell script that makes its devices on a node, and the routes to the other nodes' pods. */
  readonly script: (site: OverlaySite) => string;
}

/** Length of an IP header, bytes. */
export function ipBytes(family: Family): number {
  return family === 'ipv4' ? 20 : 40;
}

/** The lines that give a device of the overlay its addresses and bring it up. */
export function bringUp({ node, families }: OverlaySite, device: string): string[] {
  const addresses = families.map((family) =>
    family === 'ipv4' ? `${node.tunnel.ipv4}/32` : `${node.tunnel.ipv6}/128`,
  );
  return [...addresses.map((address) => `address add ${address} dev ${device}`), `link set ${device} up`];
}

/** Routes to a peer's pods through a device with Ethernet headers, with no question asked: flannel's layout. */
export function routesByNeighbour({ families }: OverlaySite, device: string, peer: NodePlan): string[] {
  return families.flatMap((family) => [
    `neighbor add ${peer.tunnel[family]} lladdr ${peer.tunnelMac} dev ${device} nud permanent`,
    `route replace ${peer.podSubnet[family]} via ${peer.tunnel[family]} dev ${device} onlink`,
  ]);
}

/** Routes to a peer's pods through a device without Ethernet headers. */
export function routesByDevice({ families }: OverlaySite, device: string, peer: NodePlan): string[] {
  return families.map((family) => `route replace ${peer.podSubnet[family]} dev ${device}`);
}

/** Shell script for a kind that has a device for each peer. */
export function pointToPoint(
  site: OverlaySite,
  deviceTo: (peer: NodePlan) => string,
  link: (peer: NodePlan) => string,
  routes: typeof routesByDevice,
): string {
  const { mtu } = site.overlay;
  return ip(
    site.peers.flatMap((peer) => [
      `link add ${deviceTo(peer)} mtu ${mtu} ${link(peer)}`,
      ...bringUp(site, deviceTo(peer)),
      ...routes(site, deviceTo(peer), peer),
    ]),
  );
}
