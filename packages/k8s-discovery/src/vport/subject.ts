// SPDX-License-Identifier: Apache-2.0
import type { HostLink } from './network.ts';

/** Whose vport is looked for: a pod, or a container without one. */
export interface VportSubject {
  /** Unique and never reused: uid of a pod, id of a container. */
  readonly id: string;
  /** Namespace and name of a pod, by which some CNI plugins name devices. */
  readonly namespace?: string;
  readonly name?: string;
  /** Its IP addresses, of both families. */
  readonly addresses: readonly string[];
  /** Whether it is in the node's own network namespace. */
  readonly hostNetwork?: boolean;
  /** A process in its network namespace, as this process counts (hostPID). */
  readonly pid?: number;
  /** Path of its network namespace, `/run/netns/NAME` for example. */
  readonly namespacePath?: string;
}

/** The ways to find a vport, in the order in which they are tried. */
export const VPORT_STRATEGIES = ['host_route', 'cni_name', 'namespace', 'bridge_port'] as const;
export type VportStrategyName = (typeof VPORT_STRATEGIES)[number];

/**
 * Why there is no vport to watch. host_network: it has the node's devices. no_address: it has not got one yet.
 * netkit, macvlan, ipvlan, hardware: it is attached by something whose packets pass no veth of the host.
 * not_found: no strategy found one.
 */
export const NO_VPORT_REASONS = [
  'host_network',
  'no_address',
  'netkit',
  'macvlan',
  'ipvlan',
  'hardware',
  'not_found',
] as const;
export type NoVportReason = (typeof NO_VPORT_REASONS)[number];

/** What was found for a subject: devices, or why there are none. */
export type VportResult =
  | { readonly strategy: VportStrategyName; readonly links: readonly HostLink[] }
  | { readonly reason: NoVportReason };

/** What one strategy makes of a subject; undefined when it knows nothing of it. */
export type VportFinding = readonly HostLink[] | NoVportReason | undefined;
