// SPDX-License-Identifier: Apache-2.0
// Runs on a machine of the tests: finds the vports of its containers and prints them as JSON, one object in all.
// Argument: JSON of VportsQuestion.
import { openHostNetwork } from '@hopspan/bpf-probe';
import {
  CriRuntime,
  DockerRuntime,
  NamedNamespaces,
  type RuntimeContainer,
  type VportStrategyName,
  VportTable,
} from '@hopspan/k8s-discovery';
import type { FoundVports, VportsQuestion } from './find-vports.ts';

const { docker, cri, netns, strategies } = JSON.parse(process.argv[2] ?? '{}') as VportsQuestion;
const runtime =
  docker !== undefined
    ? new DockerRuntime(docker)
    : cri !== undefined
      ? new CriRuntime(cri)
      : new NamedNamespaces(netns);
const containers = await runtime.list();
await runtime.close();

function find(names?: readonly VportStrategyName[]): FoundVports {
  const table = new VportTable({
    network: openHostNetwork(),
    ...(names === undefined ? {} : { strategies: names }),
  });
  table.update(
    containers.map(({ pod, ...rest }) => ({ ...rest, namespace: pod?.namespace, name: pod?.name })),
  );
  return Object.fromEntries(
    containers.map((container: RuntimeContainer) => {
      const found = table.get(container.id);
      if (found === undefined) return [container.name, 'unknown'];
      return [container.name, 'reason' in found ? found.reason : found.links.map(({ ifindex }) => ifindex)];
    }),
  );
}

const answer = Object.fromEntries(
  [...strategies, undefined].map((strategy) => [strategy ?? 'all', find(strategy && [strategy])]),
);
process.stdout.write(JSON.stringify({ containers, found: answer }));
