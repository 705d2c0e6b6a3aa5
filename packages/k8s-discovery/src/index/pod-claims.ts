// SPDX-License-Identifier: Apache-2.0
import { workloadByName } from '../workload.ts';
import type { Wanted } from './claim-store.ts';
import type { EndpointSlice } from './endpoint-slice.ts';
import type { Interner } from './interner.ts';
import type { Pod } from './pod.ts';

/** Times of the API are cut to whole seconds. */
const RESOLUTION_MILLIS = 1000;

/**
 * The addresses that a pod holds. One on the host's network holds none, but is what answers at the ports it
 * declares, which the scheduler gives to one pod a node.
 */
export function podClaims(pod: Pod, from: number | undefined): Wanted[] {
  if (pod.ended) return [];
  if (!pod.hostNetwork) return pod.addresses.map((address) => ({ address, source: 'pod', pod, from }));
  const ports = pod.containers.flatMap((container) => container.ports);
  if (ports.length === 0) return [];
  return pod.hostAddresses.map((address) => ({ address, source: 'pod', pod, ports, from }));
}

/** When the last container had certainly ended, Unix milliseconds; undefined while one runs, or none tells. */
export function podEndMillis({ endedMillis }: Pod): number | undefined {
  return endedMillis === undefined ? undefined : endedMillis + RESOLUTION_MILLIS;
}

/** What a slice says of addresses. It tells less of a pod than the pod itself; see workloadByName. */
export function sliceClaims({ service, ports, endpoints }: EndpointSlice, names: Interner): Wanted[] {
  const namespace = names.intern(service.namespace);
  const name = { namespace, name: names.intern(service.name) };
  return endpoints.map(({ address, nodeName, pod }) => {
    if (pod === undefined) return { address, source: 'slice', service: name, ports };
    const workload = workloadByName(pod.name);
    const identity = {
      uid: pod.uid,
      namespace,
      name: pod.name,
      nodeName: nodeName === undefined ? undefined : names.intern(nodeName),
      workload,
      serviceName: workload?.name,
    };
    return { address, source: 'slice', pod: identity, service: name, ports };
  });
}
