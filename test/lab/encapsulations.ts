// SPDX-License-Identifier: Apache-2.0
import type { Family, OverlayOptions } from './options.ts';

/** One way for a request to cross from node to node, and what a probe makes of it. */
export interface Encapsulation {
  readonly name: string;
  readonly overlay: OverlayOptions;
  /** IP version between the pods. */
  readonly pods: Family;
  /** Whether the probe watches the overlay's device in place of the NIC. */
  readonly atDevice?: true;
  /** `tunnel.type` and `tunnel.id` as seen from the NIC: none when there is no tunnel, or nothing to be seen of it. */
  readonly tunnel?: { readonly type: string; readonly id?: number };
}

const overIpv6 = { underlay: 'ipv6' } as const;

/** Every encapsulation that the probe follows. */
export const encapsulations: readonly Encapsulation[] = [
  { name: 'none', overlay: { type: 'none' }, pods: 'ipv4' },
  { name: 'none, IPv6', overlay: { type: 'none' }, pods: 'ipv6' },
  { name: 'VLAN', overlay: { type: 'none', vlans: [5] }, pods: 'ipv4' },
  { name: 'QinQ, IPv6', overlay: { type: 'none', vlans: [5, 6] }, pods: 'ipv6' },
  { name: 'VXLAN', overlay: { type: 'vxlan' }, pods: 'ipv4', tunnel: { type: 'vxlan', id: 1 } },
  {
    name: 'VXLAN, port 4789',
    overlay: { type: 'vxlan', port: 4789, vni: 4711 },
    pods: 'ipv4',
    tunnel: { type: 'vxlan', id: 4711 },
  },
  {
    name: 'VXLAN over IPv6',
    overlay: { type: 'vxlan', ...overIpv6 },
    pods: 'ipv4',
    tunnel: { type: 'vxlan', id: 1 },
  },
  { name: 'VXLAN, IPv6 pods', overlay: { type: 'vxlan' }, pods: 'ipv6', tunnel: { type: 'vxlan', id: 1 } },
  {
    name: 'VXLAN over IPv6, IPv6 pods',
    overlay: { type: 'vxlan', ...overIpv6 },
    pods: 'ipv6',
    tunnel: { type: 'vxlan', id: 1 },
  },
  {
    name: 'VXLAN over IPv6 in QinQ',
    overlay: { type: 'vxlan', vlans: [5, 6], ...overIpv6 },
    pods: 'ipv4',
    tunnel: { type: 'vxlan', id: 1 },
  },
  {
    name: 'Geneve',
    overlay: { type: 'geneve', vni: 77 },
    pods: 'ipv4',
    tunnel: { type: 'geneve', id: 77 },
  },
  {
    name: 'Geneve over IPv6, IPv6 pods',
    overlay: { type: 'geneve', ...overIpv6 },
    pods: 'ipv6',
    tunnel: { type: 'geneve', id: 1 },
  },
  { name: 'GRE', overlay: { type: 'gre', vni: 78 }, pods: 'ipv4', tunnel: { type: 'gre', id: 78 } },
  {
    name: 'GRE over IPv6, IPv6 pods',
    overlay: { type: 'gre', ...overIpv6 },
    pods: 'ipv6',
    tunnel: { type: 'gre', id: 1 },
  },
  { name: 'GRE with Ethernet', overlay: { type: 'gretap' }, pods: 'ipv4', tunnel: { type: 'gre' } },
  { name: 'IPIP', overlay: { type: 'ipip' }, pods: 'ipv4', tunnel: { type: 'ipip' } },
  { name: 'IP6IP6', overlay: { type: 'ip6ip6' }, pods: 'ipv6', tunnel: { type: 'ip6ip6' } },
  { name: '6in4', overlay: { type: '6in4' }, pods: 'ipv6', tunnel: { type: '6in4' } },
  { name: '4in6', overlay: { type: '4in6' }, pods: 'ipv4', tunnel: { type: '4in6' } },
  { name: 'IPIP, at its device', overlay: { type: 'ipip' }, pods: 'ipv4', atDevice: true },
  { name: 'IP6IP6, at its device', overlay: { type: 'ip6ip6' }, pods: 'ipv6', atDevice: true },
  { name: 'WireGuard, at its device', overlay: { type: 'wireguard' }, pods: 'ipv4', atDevice: true },
  {
    name: 'WireGuard over IPv6, IPv6 pods, at its device',
    overlay: { type: 'wireguard', ...overIpv6 },
    pods: 'ipv6',
    atDevice: true,
  },
];
