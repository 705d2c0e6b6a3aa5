// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../options.ts';
import type { NodePlan } from '../plan.ts';
import { ipBytes, type OverlayKind, pointToPoint, routesByDevice } from './site.ts';

/** RFC 2003. */
export const ipip = ipInIp('ipv4', 'ipv4', 'ipip');
/** RFC 2473. */
export const ip6ip6 = ipInIp('ipv6', 'ipv6', 'ip6tnl', 'mode ip6ip6');
/** RFC 4213. */
export const sixInFour = ipInIp('ipv6', 'ipv4', 'sit');
/** RFC 2473. */
export const fourInSix = ipInIp('ipv4', 'ipv6', 'ip6tnl', 'mode ipip6');

/** An IP header in front of another, and no more; a device for each peer. */
function ipInIp(inner: Family, outer: Family, linkType: string, mode = ''): OverlayKind {
  const deviceTo = (peer: NodePlan) => `${linkType}${peer.number}`;
  return {
    linkType: () => linkType,
    deviceNames: (_, peers) => peers.map(deviceTo),
    carries: [inner],
    underlays: [outer],
    // With IPv6 an extension header tells how deep tunnels may nest (RFC 2473 §4.1.1): Linux sends it unasked.
    overhead: (underlay) => ipBytes(underlay) + (underlay === 'ipv6' ? 8 : 0),
    script: (site) => {
      const { node, addressOf } = site;
      const link = (peer: NodePlan) =>
        `type ${linkType} ${mode} local ${addressOf(node)} remote ${addressOf(peer)}`;
      return pointToPoint(site, deviceTo, link, routesByDevice);
    },
  };
}
