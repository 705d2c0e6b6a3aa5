// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import { diag } from '@opentelemetry/api';
import type { ClusterAccess, Credentials } from './cluster-access.ts';
import { ExecCredentialSource } from './exec-credential.ts';
import {
  type KubeconfigCluster,
  type KubeconfigUser,
  kubeconfigError,
  readKubeconfigContext,
} from './kubeconfig-document.ts';
import { readCredentialFile } from './read-file.ts';

/** Options of loadKubeconfig. */
export interface KubeconfigOptions {
  /** The file. Required. */
  path: string;
  /** Which of its contexts. Default: its current-context. */
  context?: string;
  /** URL of an HTTP(S) proxy. Default: the cluster's proxy-url. */
  proxyUrl?: string;
}

/** Ways to authenticate that are not supported; going on without them would mean another identity. */
const UNSUPPORTED = ['username', 'password', 'auth-provider', 'as', 'as-uid', 'as-groups', 'as-user-extra'];

/** Reads the PEM of a file, or of base64 in the document itself. Read anew every time: files rotate. */
type PemSource = () => Promise<string | undefined>;

/**
 * The access that a kubeconfig describes: client certificates, tokens, token files, exec plugins.
 * @throws DiscoveryError HOPSPAN_ERR_KUBE_CONFIG
 */
export async function loadKubeconfig(options: KubeconfigOptions): Promise<ClusterAccess> {
  const { path, context, proxyUrl } = options;
  const { name, cluster, user } = await readKubeconfigContext(path, context);
  const server = checkServer(path, name, cluster);
  const folder = dirname(resolve(path));
  const insecureSkipTlsVerify = cluster['insecure-skip-tls-verify'] === true;
  if (insecureSkipTlsVerify) {
    if (cluster['certificate-authority'] || cluster['certificate-authority-data'])
      throw kubeconfigError(path, `context '${name}': a CA and insecure-skip-tls-verify exclude each other.`);
    diag.warn(
      `kubeconfig ${path}: insecure-skip-tls-verify is set, so whoever answers as ${server} gets the credentials. Give a certificate-authority instead.`,
    );
  }
  const ca = pemSource(folder, cluster['certificate-authority'], cluster['certificate-authority-data'], 'CA');
  const { credentials, refused } = userCredentials(path, name, user, folder, cluster);
  return {
    server,
    origin: path,
    serverName: cluster['tls-server-name'],
    insecureSkipTlsVerify,
    proxyUrl: proxyUrl ?? cluster['proxy-url'],
    credentials: async () => ({ ...(await credentials()), ca: await ca() }),
    refused,
  };
}

function checkServer(path: string, name: string, { server }: KubeconfigCluster): string {
  if (server !== undefined && /^https?:$/.test(URL.parse(server)?.protocol ?? ''))
    return server.replace(/\/+$/, '');
  throw kubeconfigError(path, `context '${name}': server is '${server}'; expected https://HOST:PORT.`);
}

function userCredentials(
  path: string,
  name: string,
  user: KubeconfigUser,
  folder: string,
  cluster: KubeconfigCluster,
): { credentials: () => Promise<Credentials>; refused?: () => void } {
  const unsupported = UNSUPPORTED.find((key) => user[key] !== undefined);
  if (unsupported !== undefined) {
    const fault = `context '${name}': its user has '${unsupported}', which is not supported; use a token, tokenFile, client certificate or exec.`;
    throw kubeconfigError(path, fault);
  }
  if (user.exec != null) {
    const source = new ExecCredentialSource(user.exec, { path, folder, cluster });
    return { credentials: () => source.get(), refused: () => source.invalidate() };
  }
  const cert = pemSource(
    folder,
    user['client-certificate'],
    user['client-certificate-data'],
    'client certificate',
  );
  const key = pemSource(folder, user['client-key'], user['client-key-data'], 'client key');
  const { token, tokenFile } = user;
  return {
    credentials: async () => ({
      token: tokenFile ? await readCredentialFile(resolve(folder, tokenFile), 'token') : token,
      cert: await cert(),
      key: await key(),
    }),
  };
}

/** As kubectl: data in the document wins over a file; paths are relative to the kubeconfig. */
function pemSource(
  folder: string,
  file: string | undefined,
  data: string | undefined,
  what: string,
): PemSource {
  if (data) {
    const pem = Buffer.from(data, 'base64').toString('utf8');
    return async () => pem;
  }
  if (file) return () => readCredentialFile(resolve(folder, file), what);
  return async () => undefined;
}
