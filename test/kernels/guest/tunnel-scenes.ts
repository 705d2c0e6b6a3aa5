// SPDX-License-Identifier: Apache-2.0
import type { Encapsulation } from '../../lab/encapsulations.ts';

/** One of each kind of tunnel device. */
export const tunnelScenes: readonly Pick<Encapsulation, 'name' | 'overlay' | 'pods' | 'tunnel'>[] = [
  { name: 'VXLAN', overlay: { type: 'vxlan' }, pods: 'ipv4', tunnel: { type: 'vxlan', id: 1 } },
  { name: 'Geneve', overlay: { type: 'geneve', vni: 77 }, pods: 'ipv4', tunnel: { type: 'geneve', id: 77 } },
  { name: 'GRE', overlay: { type: 'gre', vni: 78 }, pods: 'ipv4', tunnel: { type: 'gre', id: 78 } },
  { name: 'GRE with Ethernet', overlay: { type: 'gretap' }, pods: 'ipv4', tunnel: { type: 'gre' } },
  { name: 'IPIP', overlay: { type: 'ipip' }, pods: 'ipv4', tunnel: { type: 'ipip' } },
  { name: 'IP6IP6', overlay: { type: 'ip6ip6' }, pods: 'ipv6', tunnel: { type: 'ip6ip6' } },
  { name: '6in4', overlay: { type: '6in4' }, pods: 'ipv6', tunnel: { type: '6in4' } },
];
