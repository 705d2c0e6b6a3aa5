// SPDX-License-Identifier: Apache-2.0
import { ip } from '../batch.ts';
import type { OverlayKind } from './site.ts';

/** Routes from node to node and nothing else; each IP version goes by its own. */
export const none: OverlayKind = {
  linkType: () => undefined,
  deviceNames: () => [],
  carries: ['ipv4', 'ipv6'],
  underlays: ['ipv4'],
  overhead: () => 0,
  script: ({ overlay, peers, families, carrier }) =>
    ip(
      peers.flatMap((peer) =>
        families.map((family) => {
          const gateway = (overlay.vlans.length > 0 ? peer.vlan : peer.underlay)[family];
          return `route replace ${peer.podSubnet[family]} via ${gateway} dev ${carrier}`;
        }),
      ),
    ),
};
