// SPDX-License-Identifier: Apache-2.0
import { type Endpoint, type Hop, type HopProcessor, podEnd, type Sighting } from '@hopspan/core';
import { addEndAttributes, type MutableAttributes } from './hop-attributes.ts';
import type { AddressHolder } from './index/holder.ts';

/** What enrichment needs of KubeDiscovery. */
export interface AddressResolver {
  resolve(address: string, port: number, atMillis: number): AddressHolder;
  /** Whether what it knows is up to date. */
  readonly live: boolean;
}

const NANOS_PER_MILLI = 1e6;

/**
 * Adds `source.k8s.*`, `destination.k8s.*` and the `service.name` of both ends to hops: who held the addresses when
 * the packet passed. It waits for nothing. What is not known at that moment stays away and is counted: a span
 * that is late, or a queue that grows while the API server is away, would cost more than a name is worth.
 */
export class HopEnrichment implements HopProcessor {
  readonly #resolver: AddressResolver;
  readonly #counters = {
    hops: 0,
    hops_stale: 0,
    ends_pod: 0,
    ends_service: 0,
    ends_node: 0,
    ends_ambiguous: 0,
    ends_unknown: 0,
  };

  constructor(resolver: AddressResolver) {
    this.#resolver = resolver;
  }

  process(hops: readonly Hop[]): readonly Hop[] {
    this.#counters.hops += hops.length;
    if (!this.#resolver.live) this.#counters.hops_stale += hops.length;
    return hops.map((hop) => this.#enrich(hop));
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

  #enrich(hop: Hop): Hop {
    const near = podEnd(hop);
    const far = near === hop.from ? hop.to : hop.from;
    const attributes: MutableAttributes = {};
    for (const end of ['source', 'destination'] as const) {
      const holder = this.#holderOf(end, near, far);
      this.#counters[`ends_${holder.kind}`] += 1;
      addEndAttributes(attributes, end, holder);
    }
    return { ...hop, attributes: { ...hop.attributes, ...attributes } };
  }

  /**
   * Of the address that the span shows; where translation has changed it on the way, what the other sighting tells
   * comes on top: a ClusterIP names the Service exactly, the address behind it the pod.
   */
  #holderOf(end: 'source' | 'destination', near: Sighting, far: Sighting): AddressHolder {
    const shown = this.#resolve(near[end], near.monotonicNs);
    if (near[end].address === far[end].address && near[end].port === far[end].port) return shown;
    const other = this.#resolve(far[end], far.monotonicNs);
    if (shown.kind === 'pod') return other.kind === 'service' ? { ...shown, service: other.service } : shown;
    if (other.kind === 'pod') return shown.kind === 'service' ? { ...other, service: shown.service } : other;
    return shown.kind === 'unknown' ? other : shown;
  }

  #resolve({ address, port }: Endpoint, monotonicNs: bigint): AddressHolder {
    return this.#resolver.resolve(address, port, Number(monotonicNs) / NANOS_PER_MILLI);
  }
}
