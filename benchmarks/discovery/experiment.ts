// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { applyAgentRbac, mountAgentAccount } from '@hopspan/test/k8s/agent-account.ts';
import { KubeCluster } from '@hopspan/test/k8s/cluster.ts';
import { deletePod } from '@hopspan/test/k8s/objects.ts';
import type { ExperimentOptions } from '../harness/experiment.ts';
import type { Findings } from '../harness/report.ts';
import type { DiscoveryResult, DiscoveryTask } from './messages.ts';
import { type CreatedPod, nodeName, PORT, populate, type Size } from './population.ts';
import { type Round, summarize } from './summary.ts';

const processScript = fileURLToPath(new URL('discovery-process.ts', import.meta.url));

const FULL: Size = { nodes: 200, podsPerNode: 25, podsPerService: 50 };
const QUICK: Size = { nodes: 20, podsPerNode: 10, podsPerService: 20 };
/** Pods that go on other nodes while it runs. */
const DELETIONS = 50;

/** What does it take one node to know a cluster of 5,000 pods on 200 nodes? */
export async function measureDiscovery({ quick, note, signal }: ExperimentOptions): Promise<Findings> {
  const size = quick ? QUICK : FULL;
  await using cluster = await KubeCluster.start();
  await applyAgentRbac(cluster);
  const accountFolder = await mountAgentAccount(cluster);
  let pods = await populate(cluster, size, note, signal);
  const rounds: Round[] = [];
  for (const remotePods of ['endpointslices', 'all', 'none'] as const) {
    note(`one node with remotePods: ${remotePods}`);
    const task = {
      ...{ accountFolder, remotePods, pods, nodeName: nodeName(0), resolvePort: PORT },
      port: Number(new URL(cluster.url).port),
    };
    const gone = pods.filter(({ node }) => node !== nodeName(0)).slice(0, DELETIONS);
    const result = await runDiscovery(cluster, task, gone, signal);
    pods = pods.filter((pod) => !gone.includes(pod));
    rounds.push({ remotePods, pods: task.pods.length, deleted: gone.length, result });
  }
  return summarize(size, rounds);
}

/** Runs it until it is synced, has the pods deleted, and looks at it again. */
async function runDiscovery(
  cluster: KubeCluster,
  task: DiscoveryTask,
  gone: readonly CreatedPod[],
  signal: AbortSignal,
): Promise<DiscoveryResult> {
  const [taskFile, resultFile] = ['task.json', 'result.json'].map((name) => join(cluster.folder, name)) as [
    string,
    string,
  ];
  writeFileSync(taskFile, JSON.stringify(task));
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--no-warnings', processScript, taskFile, resultFile],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      signal,
      killSignal: 'SIGKILL',
    },
  );
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  for (const { pod } of gone) await deletePod(cluster, { name: pod, namespace: 'bench', node: '' });
  // Long enough for the events to come, were they to come.
  await sleep(2000, undefined, { signal });
  child.stdin.end();
  const [status] = (await exited) as [number | null];
  if (status !== 0) throw new Error(`the discovery process ended with status ${status}`);
  return JSON.parse(readFileSync(resultFile, 'utf8')) as DiscoveryResult;
}
