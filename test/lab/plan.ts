// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type Family, type ResolvedLabOptions, resolveLabOptions } from './options.ts';

/** Name of the NIC in each node and of the interface in each pod. */
export const NIC_NAME = 'eth0';
/** Gateway that routed pods send to; the host side of the veth answers for it by proxy ARP. */
export const LINK_LOCAL_GATEWAY = '169.254.1.1';
/** Calico gives this one to the host side of every pod's veth. */
export const VPORT_MAC = 'ee:ee:ee:ee:ee:ee';
/** The gateway for IPv6: the address that the kernel makes out of VPORT_MAC (RFC 4291, appendix A). */
export const LINK_LOCAL_GATEWAY_6 = 'fe80::ecee:eeff:feee:eeee';
/** Address of the fabric on the underlay: what is outside of the cluster. */
export const FABRIC_ADDRESS = '192.168.100.254';
export const FABRIC_ADDRESS_6 = 'fd00:192:168:100::254';
const INTERFACE_NAME_MAX = 15;

/** An address, or a network, for each IP version. */
export type Addresses = Readonly<Record<Family, string>>;

/** Addresses and device names of a pod. */
export interface PodPlan {
  readonly name: string;
  readonly node: string;
  readonly address: Addresses;
  /** The host-side end of its veth, in the node's namespace. */
  readonly vport: string;
}

/** Addresses and device names of a node. */
export interface NodePlan {
  readonly name: string;
  /** 1 and up. */
  readonly number: number;
  /** Name of its NIC's other end, a port of the fabric's bridge. */
  readonly fabricPort: string;
  /** Its addresses on the NIC, and on a VLAN of it. */
  readonly underlay: Addresses;
  readonly vlan: Addresses;
  readonly mac: string;
  /** Addresses of its pods, a /24 and a /64. */
  readonly podSubnet: Addresses;
  /** First address of podSubnet: on `cni0` with bridged pods. */
  readonly podGateway: Addresses;
  /** Address and MAC of its overlay device. */
  readonly tunnel: Addresses;
  readonly tunnelMac: string;
  readonly pods: readonly PodPlan[];
}

/** Everything that is to be made, worked out before anything is. */
export interface LabPlan {
  readonly options: ResolvedLabOptions;
  /** IP versions that are in use. */
  readonly families: readonly Family[];
  readonly nodes: readonly NodePlan[];
  readonly pods: readonly PodPlan[];
}

/**
 * Gives every node and pod its addresses. They are the same in every lab: labs share no namespace.
 * @throws LabError HOPSPAN_ERR_LAB_OPTION
 */
export function planLab(options: Parameters<typeof resolveLabOptions>[0]): LabPlan {
  const resolved = resolveLabOptions(options);
  const nodes = resolved.nodes.map(({ name }, i) => planNode(name, i + 1, resolved));
  const families: Family[] = resolved.ipv6 ? ['ipv4', 'ipv6'] : ['ipv4'];
  return { options: resolved, families, nodes, pods: nodes.flatMap((node) => node.pods) };
}

function planNode(name: string, number: number, options: ResolvedLabOptions): NodePlan {
  const pods = options.pods.filter((pod) => pod.node === name);
  return {
    name,
    number,
    fabricPort: `port${number}`,
    underlay: { ipv4: `192.168.100.${number}`, ipv6: `fd00:192:168:100::${number}` },
    vlan: { ipv4: `192.168.101.${number}`, ipv6: `fd00:192:168:101::${number}` },
    mac: mac('00', number),
    podSubnet: { ipv4: `10.42.${number}.0/24`, ipv6: `fd00:10:42:${number}::/64` },
    podGateway: podAddress(number, 1),
    tunnel: { ipv4: `10.42.${number}.0`, ipv6: `fd00:10:42:${number}::ffff` },
    tunnelMac: mac('01', number),
    pods: pods.map((pod, i) => ({
      ...pod,
      address: podAddress(number, i + 2),
      vport: vportName(pod.name),
    })),
  };
}

function podAddress(node: number, host: number): Addresses {
  return { ipv4: `10.42.${node}.${host}`, ipv6: `fd00:10:42:${node}::${host}` };
}

/** Locally administered, so that it cannot be a real card's. */
function mac(kind: string, number: number): string {
  return `02:68:73:00:${kind}:${number.toString(16).padStart(2, '0')}`;
}

/** `veth` and the pod's name, or a hash of it where that is too long for the kernel. */
export function vportName(pod: string): string {
  const name = `veth${pod}`;
  if (name.length <= INTERFACE_NAME_MAX) return name;
  return `veth${createHash('sha256').update(pod).digest('hex').slice(0, 8)}`;
}
