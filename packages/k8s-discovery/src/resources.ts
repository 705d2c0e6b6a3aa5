// SPDX-License-Identifier: Apache-2.0
import type { Resource } from './api/resource.ts';
import type { RawNamespace } from './index/cluster-index.ts';
import type { RawEndpointSlice } from './index/endpoint-slice.ts';
import type { RawNode } from './index/node.ts';
import type { RawPod } from './index/pod.ts';
import type { RawService } from './index/service.ts';

/** The pods of one node, from the API server's cache, which has an index for them; or all pods, in pages. */
export function podResource(nodeName: string | undefined): Resource<RawPod> {
  const path = '/api/v1/pods';
  if (nodeName === undefined) return { name: 'pods', path };
  return { name: 'pods', path, query: { fieldSelector: `spec.nodeName=${nodeName}` }, listFrom: 'cache' };
}

export const endpointSliceResource: Resource<RawEndpointSlice> = {
  name: 'endpointslices',
  path: '/apis/discovery.k8s.io/v1/endpointslices',
};

export const serviceResource: Resource<RawService> = { name: 'services', path: '/api/v1/services' };

/** Small pages: a node lists its images, and one object has tens of kilobytes. */
export const nodeResource: Resource<RawNode> = { name: 'nodes', path: '/api/v1/nodes', pageSize: 100 };

export const namespaceResource: Resource<RawNamespace> = {
  name: 'namespaces',
  path: '/api/v1/namespaces',
  metadataOnly: true,
};
