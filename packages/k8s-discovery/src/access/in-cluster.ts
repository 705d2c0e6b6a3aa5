// SPDX-License-Identifier: Apache-2.0
import { access as canAccess } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { DiscoveryError } from '../errors.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { readCredentialFile } from './read-file.ts';

/** Options of loadInClusterAccess. */
export interface InClusterOptions {
  /** Host of the API server; a pod finds it in KUBERNETES_SERVICE_HOST. Default: `kubernetes.default.svc`. */
  host?: string;
  /** Port of the API server; a pod finds it in KUBERNETES_SERVICE_PORT. Default: 443. */
  port?: number;
  /** Where the service account is mounted. Default: `/var/run/secrets/kubernetes.io/serviceaccount`. */
  folder?: string;
  /** URL of an HTTP(S) proxy. Default: none. */
  proxyUrl?: string;
}

/** The options' defaults. */
export function getInClusterDefaults(): Required<Omit<InClusterOptions, 'proxyUrl'>> {
  return {
    host: 'kubernetes.default.svc',
    port: 443,
    folder: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
}

/**
 * The access that a pod has by its service account. Token and CA are read anew for every request: the kubelet
 * replaces the token before it expires (https://kubernetes.io/docs/concepts/security/service-accounts/).
 * @throws DiscoveryError HOPSPAN_ERR_KUBE_CONFIG when no service account is mounted
 */
export async function loadInClusterAccess(options: InClusterOptions = {}): Promise<ClusterAccess> {
  const defaults = getInClusterDefaults();
  const { host = defaults.host, port = defaults.port, folder = defaults.folder, proxyUrl } = options;
  const [tokenFile, caFile] = [join(folder, 'token'), join(folder, 'ca.crt')];
  for (const file of [tokenFile, caFile]) {
    await canAccess(file).catch((cause: unknown) => {
      const message = `in-cluster configuration: there is no ${file}. Run in a pod whose service account is mounted (automountServiceAccountToken), or give a kubeconfig.`;
      throw new DiscoveryError('HOPSPAN_ERR_KUBE_CONFIG', message, { cause });
    });
  }
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    origin: folder,
    proxyUrl,
    credentials: async () => ({
      token: await readCredentialFile(tokenFile, 'token'),
      ca: await readCredentialFile(caFile, 'CA'),
    }),
  };
}
