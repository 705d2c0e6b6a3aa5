// SPDX-License-Identifier: Apache-2.0
export type { CapabilityName } from './capabilities.ts';
export { nativeClockSource } from './clock-source.ts';
export { CONTEXT_FORMATS, type ContextFormat } from './context-formats.ts';
export type { ProbeCounters } from './counter-reader.ts';
export { dropCapabilities } from './drop-capabilities.ts';
export { HopProbeError, type HopProbeErrorCode, type HopProbeErrorDetails } from './errors.ts';
export { PROBE_COUNTER_TEXTS, type ProbeCounterName } from './generated/abi.ts';
export { type AttachedInterface, HopProbe } from './hop-probe.ts';
export { type HostNetwork, openHostNetwork } from './host-network.ts';
export { listInterfaces } from './interfaces.ts';
export type { NetworkInterface } from './netlink/links.ts';
export type { NamespaceRef } from './netlink/namespaces.ts';
export type { ForwardingEntry, Neighbour } from './netlink/neighbours.ts';
export type { Route } from './netlink/routes.ts';
export {
  type AttachMode,
  getHopProbeDefaults,
  type HopProbeOptions,
  type InterfaceOptions,
  type PointsOption,
} from './options.ts';
export { assignRoles, type WantedInterfaces } from './point-roles.ts';
export type { TableState } from './sweeper.ts';
export { checkSystem, type SystemCheck } from './system-check.ts';
export type { PointCounters } from './watch-list.ts';
