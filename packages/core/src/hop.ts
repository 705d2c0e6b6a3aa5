// SPDX-License-Identifier: Apache-2.0
import type { LatencyBudget } from './latency-budget.ts';

/**
 * What a device is to the node. The ends of every path: its uplink (nic) and the host-side end of a pod's veth
 * (vport). Between them: a bridge, a tunnel device (VXLAN and the like), a bond of several uplinks.
 */
export type PointRole = 'nic' | 'vport' | 'bridge' | 'tunnel' | 'bond';

/** The hook, in the kernel's words. Ingress of a vport is traffic that leaves the pod. */
export type Hook = 'ingress' | 'egress';

/** A network device plus a hook where the probe runs. */
export interface TracingPoint {
  /** Index of the point in the kernel's maps, 1 and up. */
  readonly index: number;
  readonly ifindex: number;
  readonly ifname: string;
  readonly role: PointRole;
  readonly hook: Hook;
}

/** An IP address and a TCP port, as observed. */
export interface Endpoint {
  /** Text form: dotted quad, or RFC 5952 for IPv6. */
  readonly address: string;
  readonly port: number;
}

/**
 * VXLAN (RFC 7348), Geneve (RFC 8926), GRE (RFC 2784); IP in IP: IPv4 in IPv4 (RFC 2003), IPv6 in IPv6 and IPv4 in
 * IPv6 (RFC 2473), IPv6 in IPv4 (RFC 4213). No semantic convention names these values: the first three are what
 * other producers of flow spans write, the rest what the kernel's tunnels are commonly called.
 */
export type TunnelType = 'vxlan' | 'geneve' | 'gre' | 'ipip' | 'ip6ip6' | '6in4' | '4in6';

/** The encapsulation a packet was in when it was seen; the outermost one where there are two. */
export interface Tunnel {
  readonly type: TunnelType;
  /** Network identifier of VXLAN and Geneve, key of GRE (RFC 2890); absent where there is none, or the key is 0. */
  readonly id?: number;
  /** Addresses of the outer header; their family need not be that of the addresses inside. */
  readonly sourceAddress: string;
  readonly destinationAddress: string;
}

/** One packet that carries a trace context, seen at one tracing point. */
export interface Sighting {
  readonly point: TracingPoint;
  /** Kernel time, CLOCK_MONOTONIC, nanoseconds. */
  readonly monotonicNs: bigint;
  readonly networkType: 'ipv4' | 'ipv6';
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly tunnel?: Tunnel;
}

/** The trace context a packet carried (W3C Trace Context). */
export interface PacketContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span that sent the message. */
  readonly spanId: string;
  /** 0 … 255; bit 0 is the sampled flag. */
  readonly traceFlags: number;
  /** The tracestate header, where it was asked for. */
  readonly traceState?: string;
}

/**
 * transmit: away from the pod, as vport→NIC; receive: towards it, as NIC→vport; local: vport→vport, or within a
 * bridge; forward: NIC→NIC.
 */
export type HopDirection = 'transmit' | 'receive' | 'local' | 'forward';

/** Two successive sightings of the same message on one node. */
export interface Hop {
  readonly kind: 'request' | 'response';
  readonly direction: HopDirection;
  readonly context: PacketContext;
  readonly from: Sighting;
  readonly to: Sighting;
  /** Difference of the two kernel times, in nanoseconds; never touched by a clock offset. */
  readonly durationNs: number;
  /** Offset of CLOCK_REALTIME to CLOCK_MONOTONIC that dates both ends, in nanoseconds. */
  readonly clockOffsetNs: bigint;
  /** TCP sequence number of the context value: what identifies the message in its stream. */
  readonly streamPosition: number;
  /** 0 for the first copy of the message, n for its nth retransmitted copy. */
  readonly retransmission: number;
  /** HTTP status code of a response. */
  readonly statusCode?: number;
  /** What processors found out about it: span attributes by name, besides those that follow from the rest. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Of a response: stream position of the request that it answers; absent where the kernel did not tell. */
  readonly requestPosition?: number;
  /** On the hop that completed it, when a BudgetProcessor runs: where the time of this request went. */
  readonly budget?: LatencyBudget;
}
