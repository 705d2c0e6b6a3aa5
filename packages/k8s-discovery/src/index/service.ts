// SPDX-License-Identifier: Apache-2.0
import type { RawObject } from '../api/resource.ts';
import type { ServiceName } from './endpoint-slice.ts';

/** The fields of v1.Service that are used. */
export interface RawService extends RawObject {
  readonly spec?: {
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly externalIPs?: readonly string[];
    readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

/** A Service, cut down to what is used. */
export interface Service extends ServiceName {
  /** ClusterIPs, external IPs and IPs of load balancers. */
  readonly addresses: readonly string[];
  /** TCP ports. */
  readonly ports: readonly number[];
}

export function trimService({ metadata = {}, spec = {}, status = {} }: RawService): Service {
  const clusterIps = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  const ingress = (status.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  const addresses = [...clusterIps, ...(spec.externalIPs ?? []), ...ingress];
  const tcp = (spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    addresses: [...new Set(addresses)].filter((address) => address !== '' && address !== 'None'),
    ports: tcp.map(({ port }) => port),
  };
}
