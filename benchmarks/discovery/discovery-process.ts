// SPDX-License-Identifier: Apache-2.0
// Follows a cluster as the agent of one node does, and says what that takes. First line of standard output: `synced`.
// Then it goes on until standard input ends, and writes what it found. Arguments: file to read, file to write.

import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { KubeDiscovery, loadInClusterAccess } from '@hopspan/k8s-discovery';
import type { DiscoveryResult, DiscoveryTask, Memory } from './messages.ts';

const [taskFile = '', resultFile = ''] = process.argv.slice(2);
const task = JSON.parse(readFileSync(taskFile, 'utf8')) as DiscoveryTask;
const access = await loadInClusterAccess({ host: '127.0.0.1', port: task.port, folder: task.accountFolder });
const discovery = new KubeDiscovery({ access, nodeName: task.nodeName, remotePods: task.remotePods });

function memory(): Memory {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}

function judge(): Pick<DiscoveryResult, 'right' | 'wrong' | 'unnamed' | 'resolveNs'> {
  const counts = { right: 0, wrong: 0, unnamed: 0 };
  for (const { ip, pod, service, node } of task.pods) {
    const holder = discovery.resolve(ip, task.resolvePort);
    const isRight =
      holder.pod?.name === pod &&
      holder.pod.workload?.kind === 'deployment' &&
      holder.pod.workload.name === service &&
      (task.remotePods === 'none' || holder.service?.name === service) &&
      holder.nodeName === node;
    if (isRight) counts.right += 1;
    else if (holder.pod === undefined && holder.nodeName === node) counts.unnamed += 1;
    else counts.wrong += 1;
  }
  const now = Number(process.hrtime.bigint()) / 1e6;
  const lookUpAll = (): void => {
    for (const { ip } of task.pods) discovery.resolve(ip, task.resolvePort, now);
  };
  const rounds = Math.ceil(1_000_000 / task.pods.length);
  for (let i = 0; i < rounds; i += 1) lookUpAll();
  // Time of this process's own: others may want the CPU meanwhile.
  const begin = process.cpuUsage();
  for (let i = 0; i < rounds; i += 1) lookUpAll();
  const { user, system } = process.cpuUsage(begin);
  return { ...counts, resolveNs: Math.round(((user + system) * 1000) / rounds / task.pods.length) };
}

const before = memory();
const begin = performance.now();
discovery.start();
await discovery.synced();
const syncedMillis = performance.now() - begin;
const peakRss = process.resourceUsage().maxRSS * 1024;
while (!discovery.live) await new Promise((resolve) => setTimeout(resolve, 10));
const result: DiscoveryResult = {
  ...{ syncedMillis, before, peakRss, after: memory() },
  counters: discovery.counters(),
  byKind: discovery.reflectorCounters(),
  ownPods: discovery.pods().length,
  ...judge(),
};
process.stdout.write('synced\n');
process.stdin.resume();
await once(process.stdin, 'end');
writeFileSync(resultFile, JSON.stringify({ ...result, steady: discovery.counters() }));
await discovery.shutdown();
