// SPDX-License-Identifier: Apache-2.0
import { LabError } from './errors.ts';
import { overlayKinds } from './overlays/kinds.ts';

/** A node: one network namespace with a NIC called `eth0`. */
export interface NodeOptions {
  name: string;
}

/** A pod: one network namespace with an interface called `eth0`, attached to its node by a veth. */
export interface PodOptions {
  name: string;
  /** Name of the node it runs on. */
  node: string;
}

/** An IP version, of pods or of the underlay. */
export type Family = 'ipv4' | 'ipv6';

/**
 * What packets between pods of two nodes are wrapped in. none: plain routes, flannel's host-gw. gre carries IP,
 * gretap Ethernet. The last four of the list wrap IP in IP, named after what they are: inner in outer.
 */
export type OverlayType =
  | 'none'
  | 'vxlan'
  | 'geneve'
  | 'gre'
  | 'gretap'
  | 'wireguard'
  | 'ipip'
  | 'ip6ip6'
  | '6in4'
  | '4in6';

/** How packets between pods of two nodes cross the underlay. */
export interface OverlayOptions {
  type: OverlayType;
  /** IP version of the outer header. Default: the only one for IP in IP, else 'ipv4'. */
  underlay?: Family;
  /** Tags of VLANs on the NIC that the underlay is in, at most two, outermost first. Default: []. */
  vlans?: number[];
  /** UDP destination port. Default: 8472 for vxlan, as flannel and Cilium use it on Linux, else the registered one. */
  port?: number;
  /** Network identifier of vxlan and geneve, key of gre. Default: 1. */
  vni?: number;
  /** MTU of the overlay device and of the pods, bytes. Default: what the underlay's leaves; 1450 for vxlan. */
  mtu?: number;
}

/**
 * routed: a /32 in the pod, a host route to its veth, proxy ARP for a link-local gateway, as Calico does it.
 * bridged: the node's pods share the bridge `cni0`, as flannel's CNI plugin does it.
 */
export type PodAttachment = 'routed' | 'bridged';

/** Options of Lab.create. */
export interface LabOptions {
  /** Shown in messages; nothing in the kernel is named after it. Default: 'lab'. */
  name?: string;
  nodes: NodeOptions[];
  /** Default: { type: 'vxlan' }. */
  overlay?: OverlayOptions;
  /** Default: []. */
  pods?: PodOptions[];
  /** Default: 'routed'. */
  podAttachment?: PodAttachment;
  /** Give nodes and pods IPv6 addresses, too; else IPv6 is off, and no device sends anything unasked. Default: false. */
  ipv6?: boolean;
  /** Spread what the overlay device receives over all CPUs; else a packet stays on one. Default: false. */
  rps?: boolean;
  /** Cut TCP trains into MTU-sized packets at each node's NIC, as a wire would. Default: false. */
  gsoOff?: boolean;
  /**
   * Packets are going to be lost, and sent again as soon as anywhere else. Else that takes five seconds (on Linux 6.11
   * and newer), so that TCP does not take a machine that stands still for a moment for a loss. Default: false.
   */
  lossy?: boolean;
}

/** OverlayOptions with every default filled in. */
export type ResolvedOverlay = Readonly<Required<OverlayOptions>>;

/** LabOptions with every default filled in. */
export interface ResolvedLabOptions extends Required<Omit<LabOptions, 'overlay'>> {
  overlay: ResolvedOverlay;
}

/** MTU of the nodes' NICs. */
const UNDERLAY_MTU = 1500;
const MAX_PER_SUBNET = 250;

/** The defaults of Lab.create, but for the nodes, which have none. */
export function getLabDefaults(): Omit<ResolvedLabOptions, 'nodes'> {
  return {
    name: 'lab',
    overlay: resolveOverlay({ type: 'vxlan' }),
    pods: [],
    podAttachment: 'routed',
    ipv6: false,
    rps: false,
    gsoOff: false,
    lossy: false,
  };
}

/** @throws LabError HOPSPAN_ERR_LAB_OPTION */
export function resolveLabOptions(options: LabOptions): ResolvedLabOptions {
  const defaults = getLabDefaults();
  const resolved: ResolvedLabOptions = {
    name: options.name ?? defaults.name,
    nodes: options.nodes,
    overlay: options.overlay === undefined ? defaults.overlay : resolveOverlay(options.overlay),
    pods: options.pods ?? defaults.pods,
    podAttachment: options.podAttachment ?? defaults.podAttachment,
    ipv6: options.ipv6 ?? defaults.ipv6,
    rps: options.rps ?? defaults.rps,
    gsoOff: options.gsoOff ?? defaults.gsoOff,
    lossy: options.lossy ?? defaults.lossy,
  };
  checkNames('node', resolved.nodes);
  checkNames('pod', resolved.pods);
  checkPlacement(resolved);
  checkOverlay(resolved.overlay, resolved.ipv6);
  return resolved;
}

/** Fills in the defaults, which depend on the type. */
export function resolveOverlay(overlay: OverlayOptions): ResolvedOverlay {
  const kind = overlayKinds[overlay.type];
  const underlay = overlay.underlay ?? kind.underlays[0];
  return {
    type: overlay.type,
    underlay,
    vlans: overlay.vlans ?? [],
    port: overlay.port ?? kind.port ?? 0,
    vni: overlay.vni ?? 1,
    mtu: overlay.mtu ?? UNDERLAY_MTU - kind.overhead(underlay),
  };
}

/**
 * Whether nodes with or without IPv6 can have this overlay.
 * @throws LabError HOPSPAN_ERR_LAB_OPTION
 */
export function checkOverlay({ type, underlay, vlans }: ResolvedOverlay, ipv6: boolean): void {
  const { underlays, carries } = overlayKinds[type];
  if (!underlays.includes(underlay)) {
    throw option(`overlay ${type} does not run over ${underlay}; it runs over ${underlays.join(' and ')}`);
  }
  if (!ipv6 && (underlay === 'ipv6' || !carries.includes('ipv4'))) {
    throw option(`overlay ${type} over ${underlay} takes IPv6; set ipv6: true`);
  }
  if (vlans.length > 2) throw option(`the underlay is in ${vlans.length} VLANs; expected at most 2`);
}

function checkNames(what: string, entries: readonly { name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      throw option(`${what} name ${JSON.stringify(name)} is not a DNS label; use a-z, 0-9 and inner dashes`);
    }
    if (seen.has(name)) throw option(`${what} name ${JSON.stringify(name)} is used twice; give each its own`);
    seen.add(name);
  }
}

function checkPlacement(options: ResolvedLabOptions): void {
  const count = options.nodes.length;
  if (count < 1 || count > MAX_PER_SUBNET) {
    throw option(`there are ${count} nodes; expected 1 to ${MAX_PER_SUBNET}`);
  }
  const perNode = new Map(options.nodes.map((node) => [node.name, 0]));
  for (const pod of options.pods) {
    const pods = perNode.get(pod.node);
    if (pods === undefined) {
      throw option(
        `pod ${pod.name} is on node ${JSON.stringify(pod.node)}, which is not in nodes; add it there`,
      );
    }
    if (pods === MAX_PER_SUBNET) throw option(`node ${pod.node} has more than ${MAX_PER_SUBNET} pods`);
    perNode.set(pod.node, pods + 1);
  }
}

function option(problem: string): LabError {
  return new LabError('HOPSPAN_ERR_LAB_OPTION', `Lab.create: ${problem}.`);
}
