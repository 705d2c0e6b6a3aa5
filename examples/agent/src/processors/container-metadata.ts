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

/** So many names are told of what is not measured. */
const NAMES_MAX = 5;

/** Names of containers for hops, from the runtimes of this machine. */
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
    health: () => tellUnwatched(directory),
    processor: {
      process: (hops) => enrichment.process(hops),
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

/** What is not measured, and why: containers without a vport. */
function tellUnwatched(directory: ContainerDirectory): { reason?: string } {
  const reasons = [...directory.unwatched()].map(([reason, names]) => {
    const more = names.length > NAMES_MAX ? ', …' : '';
    return `${names.length} ${reason} (${names.slice(0, NAMES_MAX).join(', ')}${more})`;
  });
  return reasons.length === 0 ? {} : { reason: `without a vport, by reason: ${reasons.join('; ')}` };
}
