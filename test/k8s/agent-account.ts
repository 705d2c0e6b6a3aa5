// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeCluster } from './cluster.ts';
import { parseManifests } from './helm.ts';
import { DEPLOY_FOLDER } from './plain-manifests.ts';
import { until } from './until.ts';

/** The agent's own, from the manifest that users apply. */
export const AGENT_NAMESPACE = 'hopspan';
export const AGENT_ACCOUNT = 'hopspan-agent';

const PATHS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: `/api/v1/namespaces/${AGENT_NAMESPACE}/serviceaccounts`,
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** Applies the agent's account and its rights from examples/agent/deploy; resolves when they are in force. */
export async function applyAgentRbac(cluster: KubeCluster): Promise<void> {
  for (const object of parseManifests(readFileSync(join(DEPLOY_FOLDER, 'agent.yaml'), 'utf8'))) {
    const path = PATHS[object.kind];
    if (path !== undefined) await cluster.do('POST', path, object);
  }
  await until('the rights are known to whoever decides on them', () => mayListPods(cluster));
}

async function mayListPods(cluster: KubeCluster): Promise<boolean> {
  const review = await cluster.do('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: {
      user: `system:serviceaccount:${AGENT_NAMESPACE}:${AGENT_ACCOUNT}`,
      resourceAttributes: { resource: 'pods', verb: 'list' },
    },
  });
  return review.status.allowed as boolean;
}

/** A folder as the kubelet mounts it into a pod of this service account. */
export async function mountAccount(
  cluster: KubeCluster,
  namespace: string,
  account: string,
): Promise<string> {
  const folder = mkdtempSync(join(cluster.folder, 'account-'));
  copyFileSync(cluster.certificates.caFile, join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'token'), await cluster.createToken(namespace, account));
  writeFileSync(join(folder, 'namespace'), namespace);
  return folder;
}

/** The one of the agent's pod. */
export function mountAgentAccount(cluster: KubeCluster): Promise<string> {
  return mountAccount(cluster, AGENT_NAMESPACE, AGENT_ACCOUNT);
}
