// SPDX-License-Identifier: Apache-2.0
import type { ServiceName } from '../index/endpoint-slice.ts';
import type { Pod } from '../index/pod.ts';
import type { Topology } from './jaeger-topology.ts';

/**
 * Labels that give a pod's service its name in traces: Istio's canonical name, the ones that OpenTelemetry's
 * conventions for Kubernetes name, and what Istio and Jaeger's examples took before.
 */
const NAME_LABELS = [
  'service.istio.io/canonical-name',
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app',
];

/** `reviews.shop.svc`, `reviews.shop.svc.cluster.local`: a Service's name in DNS. */
const DNS_NAME = /^([^.]+\.[^.]+)\.svc(?:\..*)?$/;

/**
 * Whether a pod's service appears in the mesh under one of the names that it may have there: what its containers are
 * told to call themselves, the pod's service.name (annotation, workload or pod), its Services, its labels above; alone, which fits pods of that name in every
 * namespace, or with the namespace behind a dot.
 * @param services what KubeDiscovery.servicesOf says of the pod
 */
export function isInTopology(
  { services: mesh }: Pick<Topology, 'services'>,
  pod: Pick<Pod, 'namespace' | 'serviceName' | 'workload' | 'labels' | 'tracedNames'>,
  services: readonly ServiceName[],
): boolean {
  const candidates = [
    ...pod.tracedNames,
    pod.serviceName,
    pod.workload?.name,
    ...services.map(({ name }) => name),
    ...NAME_LABELS.map((label) => pod.labels[label]),
  ];
  const names = new Set(candidates.filter((name) => name !== undefined));
  const qualified = new Set([...names].map((name) => `${name}.${pod.namespace}`));
  for (const name of mesh) {
    const short = DNS_NAME.exec(name)?.[1] ?? name;
    if (names.has(short) || qualified.has(short)) return true;
  }
  return false;
}
