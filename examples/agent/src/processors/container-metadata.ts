// SPDX-License-Identifier: Apache-2.0
import type { HostNetwork } from '@hopspan/bpf-probe';
import {
  ContainerDirectory,
  ContainerEnrichment,
  type ContainerRuntime,
  CriRuntime,
  DockerRuntime,
  NamedNamespaces,
} from '@hopspan/k8s-discovery';
import type { ContainerProcessorConfig } from '../config/agent-config.ts';
import type { AgentProcessor } from './create-processor.ts';
import { tellUnwatched } from './unwatched.ts';

/** Names of containers for hops and lost messages, from the runtimes of this machine. */
export function createContainerMetadata(
  { id, config }: ContainerProcessorConfig,
  network: HostNetwork,
): AgentProcessor {
  const directory = new ContainerDirectory({
    runtimes: createRuntimes(config),
    network,
    intervalMillis: config.interval,
  });
  const enrichment = new ContainerEnrichment((ifindex) => directory.containerOf(ifindex));
  return {
    id,
    start: () => directory.start(),
    health: () => tellUnwatched(directory.unwatched()),
    processor: {
      process: (hops) => enrichment.process(hops),
      processLost: (lost) => enrichment.processLost(lost),
      counters: () => ({ ...enrichment.counters(), ...directory.counters() }),
      forceFlush: () => enrichment.forceFlush(),
      shutdown: () => directory.shutdown(),
    },
  };
}

function createRuntimes({ docker, cri, netns }: ContainerProcessorConfig['config']): ContainerRuntime[] {
  return [
    ...(docker === undefined ? [] : [new DockerRuntime(docker.endpoint)]),
    ...(cri === undefined ? [] : [new CriRuntime(cri.endpoint)]),
    ...(netns === undefined ? [] : [new NamedNamespaces(netns.directory)]),
  ];
}
