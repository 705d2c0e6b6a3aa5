// SPDX-License-Identifier: Apache-2.0
import type { Hook } from '@hopspan/core';

/** What a device's packets begin with: an Ethernet header, or the network header at once (tun, ipip, WireGuard). */
export type LinkLayer = 'ethernet' | 'none';

export const LINK_LAYERS: readonly LinkLayer[] = ['ethernet', 'none'];

/** The programs of the BPF object, by the devices that they are for. */
export const PROGRAM_NAMES: Readonly<Record<LinkLayer, Readonly<Record<Hook, string>>>> = {
  ethernet: { ingress: 'hopspan_ingress', egress: 'hopspan_egress' },
  none: { ingress: 'hopspan_ingress_l3', egress: 'hopspan_egress_l3' },
};

/** ARPHRD_ETHER and ARPHRD_LOOPBACK of linux/if_arp.h; the tunnels there (768 and on, 65534) have no such header. */
const WITH_ETHERNET: readonly number[] = [1, 772];

/** @param hardwareType ARPHRD_* of linux/if_arp.h */
export function linkLayerOf(hardwareType: number): LinkLayer {
  return WITH_ETHERNET.includes(hardwareType) ? 'ethernet' : 'none';
}
