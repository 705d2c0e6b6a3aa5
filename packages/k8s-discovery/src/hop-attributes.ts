// SPDX-License-Identifier: Apache-2.0
import type { AddressHolder } from './index/holder.ts';
import type { Workload } from './workload.ts';

/** Attributes by name, being built. */
export type MutableAttributes = Record<string, string>;

/**
 * Names of the attributes of one end: those of the semantic conventions 1.43.0 (`k8s.*`, `service.name`) behind
 * `source.` or `destination.`, as other producers of flow spans write them; no release has such names.
 */
function namesOf(end: 'source' | 'destination') {
  return {
    podName: `${end}.k8s.pod.name`,
    podUid: `${end}.k8s.pod.uid`,
    namespace: `${end}.k8s.namespace.name`,
    node: `${end}.k8s.node.name`,
    container: `${end}.k8s.container.name`,
    kubeService: `${end}.k8s.service.name`,
    service: `${end}.service.name`,
    workload: {
      deployment: `${end}.k8s.deployment.name`,
      replicaset: `${end}.k8s.replicaset.name`,
      statefulset: `${end}.k8s.statefulset.name`,
      daemonset: `${end}.k8s.daemonset.name`,
      job: `${end}.k8s.job.name`,
      cronjob: `${end}.k8s.cronjob.name`,
    } satisfies Record<Workload['kind'], string>,
  };
}

const NAMES = { source: namesOf('source'), destination: namesOf('destination') } as const;

/** Adds what is known of one end of a hop. */
export function addEndAttributes(
  attributes: MutableAttributes,
  end: 'source' | 'destination',
  { pod, service, container, nodeName }: AddressHolder,
): void {
  const names = NAMES[end];
  if (pod !== undefined) {
    attributes[names.podName] = pod.name;
    attributes[names.podUid] = pod.uid;
    if (pod.workload !== undefined) attributes[names.workload[pod.workload.kind]] = pod.workload.name;
  }
  const namespace = pod?.namespace ?? service?.namespace;
  if (namespace !== undefined) attributes[names.namespace] = namespace;
  if (nodeName !== undefined) attributes[names.node] = nodeName;
  if (container !== undefined) attributes[names.container] = container.name;
  if (service !== undefined) attributes[names.kubeService] = service.name;
  const serviceName = pod?.serviceName ?? service?.name ?? pod?.name;
  if (serviceName !== undefined) attributes[names.service] = serviceName;
}
