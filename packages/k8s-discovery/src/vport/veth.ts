// SPDX-License-Identifier: Apache-2.0
import type { HostLink } from './network.ts';
import type { VportFinding } from './subject.ts';

/**
 * Those of the devices that are a pod's veth, each once. Other devices prove nothing: a host route may lead to a
 * tunnel. But netkit devices stand for a pod whose packets the kernel moves past the host's hooks.
 */
export function judgeLinks(links: readonly HostLink[]): VportFinding {
  const veths = [...new Set(links.filter(({ kind }) => kind === 'veth'))];
  if (veths.length > 0) return veths;
  return links.some(({ kind }) => kind === 'netkit') ? 'netkit' : undefined;
}
