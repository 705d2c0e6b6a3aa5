// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess } from '../e2e/backends/server.ts';
import { buildKube } from './build.ts';
import type { KubeCluster } from './cluster.ts';

/** What makes pods, says where they are, and what they need besides. */
const CONTROLLERS = [
  'daemonset',
  'deployment',
  'replicaset',
  'endpointslice',
  'serviceaccount',
  'root-ca-certificate-publisher',
  'node-lifecycle',
];
const READY_MILLIS = 120_000;

/** Starts the controller manager and the scheduler of a cluster; resolves when controllers are at work. */
export async function startControllers(cluster: KubeCluster): Promise<AsyncDisposable> {
  const kubeconfig = join(cluster.folder, 'kubeconfig');
  writeFileSync(kubeconfig, cluster.kubeconfig());
  const { accountKeyFile, caFile } = cluster.certificates;
  const common = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
  await using stack = new AsyncDisposableStack();
  const start = async (name: 'kube-controller-manager' | 'kube-scheduler', args: string[], path: string) => {
    const server = await ServerProcess.start({
      name,
      binary: await buildKube(name),
      args: [...common, ...args],
      isReady: async () => (await cluster.call('GET', path)).status === 200,
      readyMillis: READY_MILLIS,
    });
    stack.defer(() => server.stop());
  };
  const manager = [
    `--controllers=${CONTROLLERS.map((name) => `${name}-controller`).join(',')}`,
    `--service-account-private-key-file=${accountKeyFile}`,
    `--root-ca-file=${caFile}`,
  ];
  await start('kube-controller-manager', manager, '/api/v1/namespaces/default/serviceaccounts/default');
  await start('kube-scheduler', [], '/readyz');
  return stack.move();
}
