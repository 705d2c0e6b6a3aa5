// SPDX-License-Identifier: Apache-2.0
export type { ClusterAccess, Credentials } from './access/cluster-access.ts';
export { getInClusterDefaults, type InClusterOptions, loadInClusterAccess } from './access/in-cluster.ts';
export { type KubeconfigOptions, loadKubeconfig } from './access/kubeconfig.ts';
export { getKubeDiscoveryDefaults, type KubeDiscoveryOptions } from './discovery-options.ts';
export {
  DiscoveryError,
  type DiscoveryErrorCode,
  KubeApiError,
} from './errors.ts';
export { type AddressResolver, HopEnrichment, type PodLookup } from './hop-enrichment.ts';
export type { Namespace } from './index/cluster-index.ts';
export type { ServiceName } from './index/endpoint-slice.ts';
export type { AddressHolder } from './index/holder.ts';
export type { Node } from './index/node.ts';
export type { Container, Pod, PodIdentity } from './index/pod.ts';
export type { Service } from './index/service.ts';
export { KubeDiscovery, type PodListener } from './kube-discovery.ts';
export { NatResolver, type NatResolverOptions } from './nat/nat-resolver.ts';
export { NAT_COMMANDS, type NatSource, type NatTool } from './nat/nat-source.ts';
export { NatTable } from './nat/nat-table.ts';
export { NatTranslations, type NatTranslationsOptions } from './nat/nat-translations.ts';
export type { Backend } from './nat/rule.ts';
export type { Translation } from './nat/translations.ts';
export { type PodSelector, selectsPod } from './pod-selector.ts';
export type { ContainerRuntime, RuntimeContainer } from './runtime/container.ts';
export { ContainerDirectory, type ContainerDirectoryOptions } from './runtime/container-directory.ts';
export { ContainerEnrichment, type ContainerLookup } from './runtime/container-enrichment.ts';
export { CriRuntime } from './runtime/cri.ts';
export { DockerRuntime } from './runtime/docker.ts';
export { NamedNamespaces } from './runtime/netns.ts';
export { ContainerRuntimeError } from './runtime/runtime-error.ts';
export type { TopologyEdge } from './topology/jaeger-client.ts';
export {
  getJaegerTopologyDefaults,
  JaegerTopology,
  type JaegerTopologyOptions,
  type Topology,
} from './topology/jaeger-topology.ts';
export { isInTopology } from './topology/mesh-member.ts';
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
  type PodSource,
  PodVports,
  type PodVportsOptions,
  type VportPod,
} from './vport/pod-vports.ts';
export {
  NO_VPORT_REASONS,
  type NoVportReason,
  VPORT_STRATEGIES,
  type VportResult,
  type VportStrategyName,
  type VportSubject,
} from './vport/subject.ts';
export { VportTable, type VportTableOptions } from './vport/vport-table.ts';
export type { Workload } from './workload.ts';
