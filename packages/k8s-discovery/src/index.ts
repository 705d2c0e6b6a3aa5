// SPDX-License-Identifier: Apache-2.0
export { DiscoveryError, type DiscoveryErrorCode } from './errors.ts';
export { CNI_NAME_PREFIXES, cniDeviceName } from './vport/cni-name.ts';
export type {
  HostForwardingEntry,
  HostLink,
  HostNeighbour,
  HostNetwork,
  HostRoute,
} from './vport/network.ts';
export { type PodInterface, readPodInterfaces } from './vport/pod-interfaces.ts';
export {
  NO_VPORT_REASONS,
  type NoVportReason,
  VPORT_STRATEGIES,
  type VportResult,
  type VportStrategyName,
  type VportSubject,
} from './vport/subject.ts';
export { VportTable, type VportTableOptions } from './vport/vport-table.ts';
