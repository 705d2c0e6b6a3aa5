// SPDX-License-Identifier: Apache-2.0
import type { NodePlan } from '../plan.ts';
import { ipBytes, type OverlayKind, pointToPoint, routesByNeighbour } from './site.ts';

const deviceTo = (peer: NodePlan) => `geneve${peer.number}`;

/** A device for each peer, without options in the header. RFC 8926. */
export const geneve: OverlayKind = {
  linkType: () => 'geneve',
  deviceNames: (_, peers) => peers.map(deviceTo),
  carries: ['ipv4', 'ipv6'],
  underlays: ['ipv4', 'ipv6'],
  // UDP, Geneve, inner Ethernet.
  overhead: (underlay) => ipBytes(underlay) + 8 + 8 + 14,
  port: 6081,
  script: (site) => {
    const { overlay, node, addressOf } = site;
    const link = (peer: NodePlan) =>
      `address ${node.tunnelMac} type geneve id ${overlay.vni} remote ${addressOf(peer)} dstport ${overlay.port}`;
    return pointToPoint(site, deviceTo, link, routesByNeighbour);
  },
};
