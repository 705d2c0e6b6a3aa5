// SPDX-License-Identifier: Apache-2.0
/*
 * What is asked of the node's network namespace. `openHostNetwork()` of @hopspan/bpf-probe answers it by rtnetlink;
 * this package depends on no other, so the types say what they need.
 */

/** A network device. */
export interface HostLink {
  readonly ifindex: number;
  readonly ifname: string;
  /** `veth`, `netkit`, `bridge` and so on; absent for hardware. */
  readonly kind?: string;
  /** Hardware address, `02:42:ac:11:00:02`. */
  readonly address?: string;
  /** Index of the other end of a veth, in `linkNamespace`. */
  readonly link?: number;
  /** Index of the bridge that it is a port of. */
  readonly master?: number;
  /** The kernel's id of the network namespace that its other end is in; absent when it is this one. */
  readonly linkNamespace?: number;
}

/** A unicast route. */
export interface HostRoute {
  readonly family: 4 | 6;
  /** Absent for a default route. */
  readonly destination?: string;
  readonly prefixLength: number;
  readonly ifindex: number;
}

/** Who has an IP address. */
export interface HostNeighbour {
  readonly address: string;
  readonly mac: string;
  readonly ifindex: number;
}

/** Behind which port of a bridge a hardware address is. */
export interface HostForwardingEntry {
  readonly mac: string;
  readonly ifindex: number;
}

/** Reads each list at the time of the call. */
export interface HostNetwork {
  links(): readonly HostLink[];
  routes(): readonly HostRoute[];
  neighbours(): readonly HostNeighbour[];
  forwarding(): readonly HostForwardingEntry[];
  /** The id, here, of the network namespace of a process or of a path; undefined where it has none. */
  namespaceId(ref: { readonly pid: number } | { readonly path: string }): number | undefined;
}
