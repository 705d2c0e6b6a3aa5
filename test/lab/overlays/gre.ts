// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../options.ts';
import type { NodePlan } from '../plan.ts';
import {
  ipBytes,
  type OverlayKind,
  type OverlaySite,
  pointToPoint,
  routesByDevice,
  routesByNeighbour,
} from './site.ts';

const layer3 = (peer: NodePlan) => `gre${peer.number}`;
const ethernet = (peer: NodePlan) => `gretap${peer.number}`;

/** IP in GRE with everything its header can have: checksum, key and sequence number. RFC 2784, RFC 2890. */
export const gre: OverlayKind = {
  linkType: (underlay) => (underlay === 'ipv4' ? 'gre' : 'ip6gre'),
  deviceNames: (_, peers) => peers.map(layer3),
  carries: ['ipv4', 'ipv6'],
  underlays: ['ipv4', 'ipv6'],
  overhead: (underlay) => outerBytes(underlay) + 16,
  script: (site) => {
    const link = (peer: NodePlan) =>
      `type ${gre.linkType(site.overlay.underlay)} ${ends(site, peer)} key ${site.overlay.vni} csum seq`;
    return pointToPoint(site, layer3, link, routesByDevice);
  },
};

/** Ethernet in GRE with the shortest header. */
export const gretap: OverlayKind = {
  linkType: (underlay) => (underlay === 'ipv4' ? 'gretap' : 'ip6gretap'),
  deviceNames: (_, peers) => peers.map(ethernet),
  carries: ['ipv4', 'ipv6'],
  underlays: ['ipv4', 'ipv6'],
  overhead: (underlay) => outerBytes(underlay) + 4 + 14,
  script: (site) => {
    const type = gretap.linkType(site.overlay.underlay);
    const link = (peer: NodePlan) => `address ${site.node.tunnelMac} type ${type} ${ends(site, peer)}`;
    return pointToPoint(site, ethernet, link, routesByNeighbour);
  },
};

/** With IPv6 an extension header tells how deep tunnels may nest (RFC 2473 §4.1.1), as Linux sends it unasked. */
function outerBytes(underlay: Family): number {
  return ipBytes(underlay) + (underlay === 'ipv6' ? 8 : 0);
}

function ends({ node, addressOf }: OverlaySite, peer: NodePlan): string {
  return `local ${addressOf(node)} remote ${addressOf(peer)}`;
}
