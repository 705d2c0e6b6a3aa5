// SPDX-License-Identifier: Apache-2.0
import type { KubeCluster } from './cluster.ts';
import { type Manifest, renderChart } from './helm.ts';
import { createNamespace, pathOf } from './objects.ts';

/** Applies the agent's chart with its defaults. @returns its DaemonSet as the API server has it */
export async function applyChart(cluster: KubeCluster, namespace: string): Promise<Manifest> {
  await createNamespace(cluster, namespace);
  let daemonSet: Manifest;
  for (const manifest of await renderChart(namespace)) {
    const applied = await cluster.do('POST', pathOf(manifest), manifest);
    if (manifest.kind === 'DaemonSet') daemonSet = applied;
  }
  return daemonSet;
}

/** Makes the pod of a DaemonSet on a node, as its controller does. */
export function createDaemonSetPod(
  cluster: KubeCluster,
  { metadata, spec }: Manifest,
  nodeName: string,
): Promise<Manifest> {
  const { name, namespace, uid } = metadata;
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid, controller: true }];
  return cluster.do('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { ...spec.template.metadata, name: `${name}-${nodeName}`, ownerReferences },
    spec: { ...spec.template.spec, nodeName },
  });
}
