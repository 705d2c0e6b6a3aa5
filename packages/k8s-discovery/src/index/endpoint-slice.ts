// SPDX-License-Identifier: Apache-2.0
import type { RawObject } from '../api/resource.ts';

/** A Kubernetes Service by name. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** The fields of discovery.k8s.io/v1 EndpointSlice that are used. */
export interface RawEndpointSlice extends RawObject {
  readonly metadata?: RawObject['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
  readonly addressType?: string;
  readonly endpoints?: readonly RawEndpoint[] | null;
  readonly ports?: readonly { readonly port?: number | null; readonly protocol?: string }[] | null;
}

export interface RawEndpoint {
  readonly addresses?: readonly string[];
  readonly nodeName?: string;
  readonly targetRef?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
}

/** An endpoint, cut down to what is used. */
export interface Endpoint {
  readonly address: string;
  readonly nodeName?: string;
  /** The pod it is; absent for endpoints that are none. */
  readonly pod?: { readonly uid: string; readonly name: string };
}

/** An EndpointSlice, cut down to what is used. */
export interface EndpointSlice {
  readonly service: ServiceName;
  /** TCP ports of all its endpoints. */
  readonly ports: readonly number[];
  readonly endpoints: readonly Endpoint[];
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Cuts a slice down. One without a service, or of host names, has no endpoint. */
export function trimEndpointSlice(raw: RawEndpointSlice): EndpointSlice {
  const { namespace = '', labels = {} } = raw.metadata ?? {};
  const name = labels[SERVICE_LABEL] ?? '';
  const usable = name !== '' && raw.addressType !== 'FQDN';
  const tcp = (raw.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  return {
    service: { namespace, name },
    ports: tcp.flatMap(({ port }) => port ?? []),
    endpoints: usable ? (raw.endpoints ?? []).flatMap((endpoint) => trimEndpoint(endpoint, namespace)) : [],
  };
}

/** "The first address is the only one": all addresses of an endpoint are fungible, and consumers use one. */
function trimEndpoint({ addresses = [], nodeName, targetRef }: RawEndpoint, namespace: string): Endpoint[] {
  const { kind, name, uid } = targetRef ?? {};
  // A reference into another namespace would let whoever may write slices name the pods of others.
  const ours = kind === 'Pod' && name && uid && (targetRef?.namespace ?? namespace) === namespace;
  const pod = ours ? { uid, name } : undefined;
  return addresses.map((address) => ({ address, nodeName, pod }));
}
