// SPDX-License-Identifier: Apache-2.0
import { checkInteger, invalidOption } from '@hopspan/core';
import type { ClusterAccess } from './access/cluster-access.ts';

/** Options of KubeDiscovery. */
export interface KubeDiscoveryOptions {
  /** How to reach the cluster; see loadInClusterAccess and loadKubeconfig. Required. */
  access: ClusterAccess;
  /** Name of the Node object of this node. Required: its pods are the ones that are watched. */
  nodeName: string;
  /**
   * Where pods of other nodes are known from. `endpointslices`: pods that belong to a Service, with less detail, at
   * a small part of the cost; `all`: every pod of the cluster; `none`: not known. Default: `endpointslices`.
   */
  remotePods?: 'endpointslices' | 'all' | 'none';
  /** How long it is kept who held an address, in milliseconds. Default: 300000. */
  historyMillis?: number;
  /** Most of what is kept of the past, in claims of addresses. Default: 65536. */
  maxHistory?: number;
  /** How long after a change the API may tell of it, in milliseconds. Default: 5000. */
  latenessMillis?: number;
  /** The server ends a watch after this long up to twice as long, in seconds. Default: 300. */
  watchTimeoutSeconds?: number;
  /** A watch from which nothing came for so long is opened anew, in milliseconds. Default: 150000. */
  watchIdleMillis?: number;
  /** First wait after a failure, in milliseconds; it doubles, and is spread by half. Default: 800. */
  initialBackoffMillis?: number;
  /** Longest wait, in milliseconds. Default: 30000. */
  maxBackoffMillis?: number;
  /** Longest wait for the answer to a list, and for a watch to open, in milliseconds. Default: 60000. */
  requestTimeoutMillis?: number;
  /** Default: `hopspan`. */
  userAgent?: string;
}

export type ResolvedKubeDiscoveryOptions = Required<KubeDiscoveryOptions>;

/** The options' defaults. */
export function getKubeDiscoveryDefaults(): Omit<ResolvedKubeDiscoveryOptions, 'access' | 'nodeName'> {
  return {
    remotePods: 'endpointslices',
    historyMillis: 300_000,
    maxHistory: 65_536,
    latenessMillis: 5000,
    watchTimeoutSeconds: 300,
    watchIdleMillis: 150_000,
    initialBackoffMillis: 800,
    maxBackoffMillis: 30_000,
    requestTimeoutMillis: 60_000,
    userAgent: 'hopspan',
  };
}

const OWNER = 'KubeDiscovery';
const LEAST: Readonly<Partial<Record<keyof KubeDiscoveryOptions, number>>> = {
  historyMillis: 0,
  maxHistory: 0,
  latenessMillis: 0,
  watchTimeoutSeconds: 1,
  watchIdleMillis: 1,
  initialBackoffMillis: 1,
  maxBackoffMillis: 1,
  requestTimeoutMillis: 1,
};
const REMOTE_PODS = ['endpointslices', 'all', 'none'];

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function resolveKubeDiscoveryOptions(options: KubeDiscoveryOptions): ResolvedKubeDiscoveryOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved = {
    ...getKubeDiscoveryDefaults(),
    ...Object.fromEntries(given),
  } as ResolvedKubeDiscoveryOptions;
  if (typeof resolved.nodeName !== 'string' || resolved.nodeName === '')
    throw invalidOption(OWNER, 'nodeName', resolved.nodeName, 'the name of a Node (in a pod: spec.nodeName)');
  if (typeof resolved.access?.credentials !== 'function')
    throw invalidOption(
      OWNER,
      'access',
      resolved.access,
      'what loadInClusterAccess or loadKubeconfig returns',
    );
  if (!REMOTE_PODS.includes(resolved.remotePods))
    throw invalidOption(OWNER, 'remotePods', resolved.remotePods, `one of ${REMOTE_PODS.join(', ')}`);
  for (const [name, min] of Object.entries(LEAST))
    checkInteger(OWNER, name, resolved[name as keyof typeof resolved] as number, { min });
  return resolved;
}
