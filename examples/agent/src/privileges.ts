// SPDX-License-Identifier: Apache-2.0
import type { CapabilityName } from '@hopspan/bpf-probe';
import type { AgentConfig, ProcessorConfig } from './config/agent-config.ts';

/** Devices of the node are attached to as they come. */
const ALWAYS: readonly CapabilityName[] = ['CAP_NET_ADMIN'];

/** Configuration, tokens and sockets are opened again and again, and may belong to other users. A container has none. */
const FOR_FILES: readonly CapabilityName[] = ['CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH'];

/** What the agent has a use for once everything is loaded; it keeps those of them that it has. */
export function capabilitiesToKeep({ processors }: Pick<AgentConfig, 'processors'>): CapabilityName[] {
  const forProcesses: CapabilityName[] = processors.some(readsProcesses) ? ['CAP_SYS_PTRACE'] : [];
  const forIptables: CapabilityName[] = processors.some(runsIptables) ? ['CAP_NET_RAW'] : [];
  return [...ALWAYS, ...FOR_FILES, ...forProcesses, ...forIptables];
}

/** Network namespaces of processes are read. */
function readsProcesses({ type, config }: ProcessorConfig): boolean {
  return (
    type === 'container_metadata' ||
    (type === 'k8s_attributes' && (config.processes || config.cri !== undefined))
  );
}

/** The older iptables speaks to the kernel through a raw socket. */
function runsIptables({ type, config }: ProcessorConfig): boolean {
  if (type !== 'k8s_attributes') return false;
  return [config.nat?.iptables, config.nat?.ip6tables].some((each) => each && each.file === undefined);
}
