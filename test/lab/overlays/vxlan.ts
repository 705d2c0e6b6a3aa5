// SPDX-License-Identifier: Apache-2.0
import { bridge, ip } from '../batch.ts';
import { bringUp, ipBytes, type OverlayKind, routesByNeighbour } from './site.ts';

/** One device with static neighbours and forwarding entries: flannel's layout, no multicast. RFC 7348. */
export const vxlan: OverlayKind = {
  linkType: () => 'vxlan',
  deviceNames: ({ vni }) => [`flannel.${vni}`],
  carries: ['ipv4', 'ipv6'],
  underlays: ['ipv4', 'ipv6'],
  // UDP, VXLAN, inner Ethernet.
  overhead: (underlay) => ipBytes(underlay) + 8 + 8 + 14,
  port: 8472,
  script: (site) => {
    const { overlay, node, peers, carrier, addressOf } = site;
    const { vni, mtu, port } = overlay;
    const device = `flannel.${vni}`;
    const kind = `vxlan id ${vni} local ${addressOf(node)} dev ${carrier} dstport ${port} nolearning`;
    const lines = [
      `link add ${device} mtu ${mtu} address ${node.tunnelMac} type ${kind}`,
      ...bringUp(site, device),
      ...peers.flatMap((peer) => routesByNeighbour(site, device, peer)),
    ];
    const entries = peers.map((peer) => `fdb append ${peer.tunnelMac} dev ${device} dst ${addressOf(peer)}`);
    return `${ip(lines)}\n${bridge(entries)}`;
  },
};
