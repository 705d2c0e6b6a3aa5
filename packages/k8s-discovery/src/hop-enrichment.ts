// SPDX-License-Identifier: Apache-2.0
import { type Hop, type HopProcessor, type LostMessage, podEnd, type Sighting } from '@hopspan/core';
import { addEndAttributes, type MutableAttributes } from './hop-attributes.ts';
import type { AddressHolder } from './index/holder.ts';

/** What enrichment needs of KubeDiscovery. */
export interface AddressResolver {
  resolve(address: string, port: number, atMillis: number, podUid?: string): AddressHolder;
  /** Whether what it knows is up to date. */
  readonly live: boolean;
}

/** Finds the pod behind a device: PodVports.podOf. */
export type PodLookup = (ifindex: number) => string | undefined;

type End = 'source' | 'destination';

const NANOS_PER_MILLI = 1e6;

/**
 * Adds `source.k8s.*`, `destination.k8s.*` and the `service.name` of both ends to hops and lost messages: who held the
 * addresses when the packet passed. Where it passed a pod's own device, that decides between pods that may have: a device has one
 * owner as long as it lives. It waits for nothing. What is not known at that moment stays away and is counted: a span
 * that is late, or a queue that grows while the API server is away, would cost more than a name is worth.
 */
export class HopEnrichment implements HopProcessor {
  readonly #resolver: AddressResolver;
  readonly #podOf: PodLookup;
  readonly #counters = {
    hops: 0,
    hops_stale: 0,
    lost: 0,
    lost_stale: 0,
    ends_pod: 0,
    ends_service: 0,
    ends_node: 0,
    ends_ambiguous: 0,
    ends_unknown: 0,
  };

  /** @param podOf uid of the pod behind a device. Default: none is known */
  constructor(resolver: AddressResolver, podOf: PodLookup = () => undefined) {
    this.#resolver = resolver;
    this.#podOf = podOf;
  }

  process(hops: readonly Hop[]): readonly Hop[] {
    this.#counters.hops += hops.length;
    if (!this.#resolver.live) this.#counters.hops_stale += hops.length;
    return hops.map((hop) => {
      const near = podEnd(hop);
      return this.#enrich(hop, near, near === hop.from ? hop.to : hop.from);
    });
  }

  /** By where the message was seen last: nobody knows what the addresses would have become. */
  processLost(lost: readonly LostMessage[]): readonly LostMessage[] {
    this.#counters.lost += lost.length;
    if (!this.#resolver.live) this.#counters.lost_stale += lost.length;
    return lost.map((message) => this.#enrich(message, message.from, message.from));
  }

  counters() {
    return { ...this.#counters };
  }

  async forceFlush(): Promise<void> {
    // Nothing is held back.
  }

  async shutdown(): Promise<void> {
    // The resolver is its owner's.
  }

  #enrich<T extends Pick<Hop, 'attributes'>>(item: T, near: Sighting, far: Sighting): T {
    const attributes: MutableAttributes = {};
    for (const end of ['source', 'destination'] as const) {
      const [first, second] = isPodsOwn(far, end) ? [far, near] : [near, far];
      const holder = this.#holderOf(end, first, second);
      this.#counters[`ends_${holder.kind}`] += 1;
      addEndAttributes(attributes, end, holder);
    }
    return { ...item, attributes: { ...item.attributes, ...attributes } };
  }

  /**
   * Of the first sighting's address; where translation has changed it on the way, what the second one tells comes on
   * top: a ClusterIP names the Service exactly, the address behind it the pod.
   */
  #holderOf(end: End, first: Sighting, second: Sighting): AddressHolder {
    const shown = this.#resolve(first, end);
    if (first[end].address === second[end].address && first[end].port === second[end].port) return shown;
    const other = this.#resolve(second, end);
    if (shown.kind === 'pod') return other.kind === 'service' ? { ...shown, service: other.service } : shown;
    if (other.kind === 'pod') return shown.kind === 'service' ? { ...other, service: shown.service } : other;
    return shown.kind === 'unknown' ? other : shown;
  }

  #resolve(sighting: Sighting, end: End): AddressHolder {
    const { address, port } = sighting[end];
    const atMillis = Number(sighting.monotonicNs) / NANOS_PER_MILLI;
    const podUid = isPodsOwn(sighting, end) ? this.#podOf(sighting.point.ifindex) : undefined;
    return this.#resolver.resolve(address, port, atMillis, podUid);
  }
}

/** Whether the packet was at the device of the pod at this end: what comes in at a vport was sent by the pod behind it. */
function isPodsOwn({ point: { role, hook } }: Sighting, end: End): boolean {
  return role === 'vport' && end === (hook === 'ingress' ? 'source' : 'destination');
}
