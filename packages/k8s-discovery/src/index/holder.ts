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
 * host's network do not own it. On the path of every hop: loops, no lists.
 * @param podUid whose it was, where that is certain; of those that have or had it, this one then, whatever the time
 */
export function findHolder(
  index: AddressIndex,
  podCidrs: CidrMap<string>,
  address: string,
  port: number,
  atMillis: number,
  podUid?: string,
): AddressHolder {
  const claims = index.claimsOf(address);
  const node = nodeOf(claims, atMillis);
  const pod = claimantOf(claims, podUid) ?? podOf(claims, port, atMillis, node !== undefined);
  if (pod !== undefined && pod !== 'ambiguous') {
    const service = serviceOf(claims, port, atMillis, pod.uid);
    return { kind: 'pod', pod, container: containerOf(pod, port), service, nodeName: pod.nodeName };
  }
  const nodeName = node ?? podCidrs.get(address);
  if (pod === 'ambiguous') return { kind: 'ambiguous', nodeName };
  const service = serviceOf(claims, port, atMillis, undefined);
  if (service !== undefined) return { kind: 'service', service, nodeName };
  return { kind: nodeName === undefined ? 'unknown' : 'node', nodeName };
}

function holdsAt({ from, to }: Claim, atMillis: number): boolean {
  return from <= atMillis && atMillis < to;
}

function nodeOf(claims: readonly Claim[], atMillis: number): string | undefined {
  for (const claim of claims)
    if (claim.node !== undefined && holdsAt(claim, atMillis)) return claim.node.name;
  return undefined;
}

function claimantOf(claims: readonly Claim[], podUid: string | undefined): PodIdentity | undefined {
  if (podUid === undefined) return undefined;
  for (const { source, pod } of claims) if (source === 'pod' && pod?.uid === podUid) return pod;
  return undefined;
}

/** The pod that had the address. What the pods say of themselves counts before what slices say of them. */
function podOf(
  claims: readonly Claim[],
  port: number,
  atMillis: number,
  isNodes: boolean,
): PodIdentity | 'ambiguous' | undefined {
  let found: Claim | undefined;
  let ambiguous = false;
  for (const claim of claims) {
    if (claim.pod === undefined || !holdsAt(claim, atMillis) || !mayAnswer(claim, port, isNodes)) continue;
    if (found === undefined || (claim.source === 'pod' && found.source !== 'pod')) {
      found = claim;
      ambiguous = false;
    } else if (claim.source === found.source && claim.pod.uid !== found.pod?.uid) ambiguous = true;
  }
  return ambiguous ? 'ambiguous' : found?.pod;
}

function mayAnswer({ source, ports }: Claim, port: number, isNodes: boolean): boolean {
  const portDecides = isNodes || (source === 'pod' && ports !== undefined);
  return !portDecides || ports?.includes(port) === true;
}

/** The one that has the port before others, then the first by name: a pod may belong to several. */
function serviceOf(
  claims: readonly Claim[],
  port: number,
  atMillis: number,
  podUid: string | undefined,
): ServiceName | undefined {
  let best: Claim | undefined;
  for (const claim of claims) {
    if (claim.service === undefined || claim.pod?.uid !== podUid || !holdsAt(claim, atMillis)) continue;
    if (best === undefined || isBetter(claim, best, port)) best = claim;
  }
  return best?.service;
}

function isBetter(claim: Claim, best: Claim, port: number): boolean {
  const has = claim.ports?.includes(port) === true;
  if (has !== (best.ports?.includes(port) === true)) return has;
  return nameOf(claim) < nameOf(best);
}

function nameOf({ service }: Claim): string {
  return `${service?.namespace}/${service?.name}`;
}

function containerOf({ containers }: PodIdentity, port: number): Container | undefined {
  if (containers === undefined) return undefined;
  return containers.length === 1 ? containers[0] : containers.find(({ ports }) => ports.includes(port));
}
