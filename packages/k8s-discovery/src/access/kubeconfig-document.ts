// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DiscoveryError } from '../errors.ts';

/** The fields of a kubeconfig (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/) that are used. */
export interface KubeconfigCluster {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}

export interface KubeconfigUser {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  exec?: KubeconfigExec;
  [other: string]: unknown;
}

export interface KubeconfigExec {
  apiVersion?: string;
  command?: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: string;
}

/** One context with what it refers to. */
export interface KubeconfigContext {
  readonly name: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

type Named<Key extends string, Value> = { name?: string } & { [key in Key]?: Value };

interface KubeconfigDocument {
  'current-context'?: string;
  clusters?: Named<'cluster', KubeconfigCluster>[] | null;
  users?: Named<'user', KubeconfigUser>[] | null;
  contexts?: Named<'context', { cluster?: string; user?: string }>[] | null;
}

/** The error for a kubeconfig that cannot be used. */
export function kubeconfigError(path: string, fault: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError('HOPSPAN_ERR_KUBE_CONFIG', `kubeconfig ${path}: ${fault}`, { cause });
}

/** @throws DiscoveryError HOPSPAN_ERR_KUBE_CONFIG */
export async function readKubeconfigContext(path: string, wanted?: string): Promise<KubeconfigContext> {
  const document = await readDocument(path);
  const name = wanted ?? document['current-context'];
  const contexts = document.contexts ?? [];
  const known = contexts.map((context) => context.name).join(', ') || 'none';
  if (!name) throw kubeconfigError(path, `no current-context; choose one of its contexts: ${known}.`);
  const context = contexts.find((candidate) => candidate.name === name)?.context;
  if (context === undefined) throw kubeconfigError(path, `there is no context '${name}'; it has: ${known}.`);
  const cluster = find(document.clusters, context.cluster)?.cluster;
  const user = find(document.users, context.user)?.user;
  if (cluster === undefined)
    throw kubeconfigError(path, `context '${name}' names cluster '${context.cluster}', which is not there.`);
  if (user === undefined && context.user)
    throw kubeconfigError(path, `context '${name}' names user '${context.user}', which is not there.`);
  return { name, cluster, user: user ?? {} };
}

async function readDocument(path: string): Promise<KubeconfigDocument> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw kubeconfigError(path, `it cannot be read (${reason}). Correct the path.`, cause);
  }
  try {
    const document: unknown = parse(text);
    if (typeof document === 'object' && document !== null) return document as KubeconfigDocument;
  } catch (cause) {
    throw kubeconfigError(path, `it is not YAML: ${(cause as Error).message}`, cause);
  }
  throw kubeconfigError(
    path,
    'it holds no configuration; expected a mapping with clusters, users, contexts.',
  );
}

function find<T extends { name?: string }>(
  list: readonly T[] | null | undefined,
  name?: string,
): T | undefined {
  return list?.find((candidate) => candidate.name === name);
}
