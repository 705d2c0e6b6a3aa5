// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { repoRoot } from '../../scripts/lib/paths.ts';
import type { KubeCluster } from './cluster.ts';
import { createNamespace } from './objects.ts';

/** The agent's own, from the manifest that users apply. */
export const AGENT_NAMESPACE = 'hopspan';
export const AGENT_ACCOUNT = 'hopspan-agent';

const PATHS: Readonly<Record<string, string>> = {
  ServiceAccount: `/api/v1/namespaces/${AGENT_NAMESPACE}/serviceaccounts`,
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** Applies examples/agent/deploy/rbac.yaml. */
export async function applyAgentRbac(cluster: KubeCluster): Promise<void> {
  await createNamespace(cluster, AGENT_NAMESPACE);
  const text = readFileSync(join(repoRoot, 'examples/agent/deploy/rbac.yaml'), 'utf8');
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as { kind: string };
    await cluster.do('POST', PATHS[object.kind] as string, object);
  }
}

/** A folder as the kubelet mounts it into the agent's pod. */
export async function mountAgentAccount(cluster: KubeCluster): Promise<string> {
  const folder = mkdtempSync(join(cluster.folder, 'account-'));
  copyFileSync(cluster.certificates.caFile, join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'token'), await cluster.createToken(AGENT_NAMESPACE, AGENT_ACCOUNT));
  return folder;
}
