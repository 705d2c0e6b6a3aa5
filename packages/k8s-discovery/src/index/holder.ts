// SPDX-License-Identifier: Apache-2.0
import type { AddressIndex } from './address-index.ts';
import type { CidrMap } from './cidr-map.ts';
import type { Claim } from './claim.ts';
import type { ServiceName } from './endpoint-slice.ts';
import type { Container, PodIdentity } from './pod.ts';

/** What an address was at a time. */
export interface AddressHolder {
  /**
   * The most exact that is known. `ambiguous`: more than one pod may have had the address then, so that none is
   * named; `unknown`: no pod, service or node had it, as far as is known.
   */
  readonly kind: 'pod' | 'service' | 'node' | 'ambiguous' | 'unknown';
  readonly pod?: PodIdentity;
  /** The pod's only container, or the one that declares the port. */
  readonly container?: Container;
  /** The Service whose address it is, or that the pod belongs to. */
  readonly service?: ServiceName;
  /** Where the pod runs, the node whose address it is, or from whose pod addresses it comes. */
  readonly nodeName?: string;
}

/**
 * Looks an address up as it was then. An address of a node is that of a pod only where a port tells: pods on the
 * host's network do not own it.
 */
export function findHolder(
  index: AddressIndex,
  podCidrs: CidrMap<string>,
  address: string,
  port: number,
  atMillis: number,
): AddressHolder {
  const claims = index.claimsOf(address).filter(({ from, to }) => from <= atMillis && atMillis < to);
  const node = claims.find((claim) => claim.node !== undefined)?.node;
  const pods = podsOf(claims, port, node !== undefined);
  const [pod] = pods;
  if (pod !== undefined && pods.length === 1) {
    const service = serviceOf(
      claims.filter((claim) => claim.pod?.uid === pod.uid),
      port,
    );
    return { kind: 'pod', pod, container: containerOf(pod, port), service, nodeName: pod.nodeName };
  }
  const nodeName = node?.name ?? podCidrs.get(address);
  if (pods.length > 1) return { kind: 'ambiguous', nodeName };
  const service = serviceOf(
    claims.filter((claim) => claim.pod === undefined),
    port,
  );
  if (service !== undefined) return { kind: 'service', service, nodeName };
  return { kind: nodeName === undefined ? 'unknown' : 'node', nodeName };
}

/** The pods that may have had the address, each once, by the claim that knows most of it. */
function podsOf(claims: readonly Claim[], port: number, isNodes: boolean): PodIdentity[] {
  const possible = claims.filter(({ pod, source, ports }) => {
    if (pod === undefined) return false;
    const portDecides = isNodes || (source === 'pod' && ports !== undefined);
    return !portDecides || ports?.includes(port) === true;
  });
  const own = possible.filter(({ source }) => source === 'pod');
  const pods = new Map<string, PodIdentity>();
  for (const { pod } of own.length > 0 ? own : possible) if (pod !== undefined) pods.set(pod.uid, pod);
  return [...pods.values()];
}

/** The one that has the port before others, then the first by name: a pod may belong to several. */
function serviceOf(claims: readonly Claim[], port: number): ServiceName | undefined {
  let best: Claim | undefined;
  for (const claim of claims) if (claim.service !== undefined && isBetter(claim, best, port)) best = claim;
  return best?.service;
}

function isBetter(claim: Claim, best: Claim | undefined, port: number): boolean {
  if (best === undefined) return true;
  const [has, bestHas] = [claim.ports?.includes(port) === true, best.ports?.includes(port) === true];
  if (has !== bestHas) return has;
  return nameOf(claim) < nameOf(best);
}

function nameOf({ service }: Claim): string {
  return `${service?.namespace}/${service?.name}`;
}

function containerOf({ containers = [] }: PodIdentity, port: number): Container | undefined {
  return containers.length === 1 ? containers[0] : containers.find(({ ports }) => ports.includes(port));
}
