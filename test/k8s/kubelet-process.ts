// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import type { LabProcess } from '../lab/index.ts';
import { buildKube } from './build.ts';
import { API_SERVICE_ADDRESS } from './certificates.ts';
import type { KubeCluster } from './cluster.ts';
import type { WorkerNode } from './worker-node.ts';

/**
 * Settings of the kernel that a kubelet insists on. They are the whole machine's, so it is shown files that have them
 * already: it changes nothing, and nothing depends on them here.
 */
const SYSCTLS: Readonly<Record<string, number>> = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/** Starts a real kubelet on a node, as administrator; it registers the node when it is ready for pods. */
export async function startKubelet(
  { node, machine, containerd }: WorkerNode,
  cluster: KubeCluster,
): Promise<LabProcess> {
  const folder = `${machine.folder}/kubelet`;
  mkdirSync(folder);
  const mounts = Object.entries(SYSCTLS).map(([name, value]) => {
    const file = `${folder}/${name.replaceAll('/', '.')}`;
    writeFileSync(file, `${value}\n`);
    return `mount --bind ${file} /proc/sys/${name}`;
  });
  // What it keeps goes with the machine.
  await machine.run(
    'sh',
    '-ec',
    ['mount -t tmpfs tmpfs /var/lib', 'mount -t tmpfs tmpfs /var/log', ...mounts].join('\n'),
  );
  writeFileSync(
    `${folder}/config.json`,
    JSON.stringify(configOf(containerd.endpoint, machine.cgroup, cluster)),
  );
  writeFileSync(`${folder}/kubeconfig`, cluster.kubeconfig(`https://${API_SERVICE_ADDRESS}:443`));
  return machine.spawn(await buildKube('kubelet'), [
    `--config=${folder}/config.json`,
    `--kubeconfig=${folder}/kubeconfig`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.underlayAddress}`,
  ]);
}

/** KubeletConfiguration v1beta1. Nothing is evicted because of what else is on this machine. */
function configOf(endpoint: string, cgroup: string, { certificates }: KubeCluster): object {
  return {
    ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
    containerRuntimeEndpoint: endpoint,
    // Groups of pods are made right below that of the machine, whichever version they are of.
    ...{
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${cgroup}`,
      cgroupsPerQOS: false,
      enforceNodeAllocatable: ['none'],
    },
    ...{ failCgroupV1: false, failSwapOn: false, protectKernelDefaults: true, makeIPTablesUtilChains: false },
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: certificates.caFile },
    },
    authorization: { mode: 'AlwaysAllow' },
    ...{ address: '127.0.0.1', readOnlyPort: 0, resolvConf: '' },
    ...{ evictionHard: { 'memory.available': '1Mi' }, imageGCHighThresholdPercent: 100 },
  };
}
