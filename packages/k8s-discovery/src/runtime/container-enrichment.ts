// SPDX-License-Identifier: Apache-2.0
import type { Counters, Hop, HopProcessor, LostMessage, Sighting } from '@hopspan/core';
import type { RuntimeContainer } from './container.ts';

/** Finds the container behind a device. */
export type ContainerLookup = (ifindex: number) => RuntimeContainer | undefined;

/** What Compose calls the service that a container is one of. */
const COMPOSE_SERVICE = 'com.docker.compose.service';

/**
 * Adds who sent and who received, where the hop or the lost message has touched their device: a packet that comes in at a vport was sent by
 * the container behind it, one that goes out there is received by it. By the device and not by the address, which may
 * be another's by the time the hop is looked at.
 */
export class ContainerEnrichment implements HopProcessor {
  readonly #find: ContainerLookup;
  readonly #counts = { hops: 0, lost: 0, ends_container: 0, ends_unknown: 0 };

  constructor(find: ContainerLookup) {
    this.#find = find;
  }

  process(hops: readonly Hop[]): readonly Hop[] {
    this.#counts.hops += hops.length;
    return hops.map((hop) => this.#enrich(hop, [hop.from, hop.to]));
  }

  processLost(lost: readonly LostMessage[]): readonly LostMessage[] {
    this.#counts.lost += lost.length;
    return lost.map((message) => this.#enrich(message, [message.from]));
  }

  counters(): Counters {
    return { ...this.#counts };
  }

  async forceFlush(): Promise<void> {
    // Nothing is held back.
  }

  async shutdown(): Promise<void> {
    // The directory is its owner's.
  }

  #enrich<T extends Pick<Hop, 'attributes'>>(item: T, sightings: readonly Sighting[]): T {
    const attributes: Record<string, string | number | boolean> = { ...item.attributes };
    for (const sighting of sightings) this.#add(attributes, sighting);
    return { ...item, attributes };
  }

  #add(attributes: Record<string, string | number | boolean>, { point }: Sighting): void {
    if (point.role !== 'vport') return;
    const container = this.#find(point.ifindex);
    this.#counts[container === undefined ? 'ends_unknown' : 'ends_container'] += 1;
    if (container === undefined) return;
    const end = point.hook === 'ingress' ? 'source' : 'destination';
    const { id, name, image, labels, pod } = container;
    attributes[`${end}.service.name`] ??= labels[COMPOSE_SERVICE] ?? pod?.name ?? name;
    if (pod !== undefined) {
      attributes[`${end}.k8s.pod.name`] ??= pod.name;
      attributes[`${end}.k8s.pod.uid`] ??= pod.uid;
      attributes[`${end}.k8s.namespace.name`] ??= pod.namespace;
      return;
    }
    attributes[`${end}.container.id`] ??= id;
    attributes[`${end}.container.name`] ??= name;
    if (image !== undefined) attributes[`${end}.container.image.name`] ??= image;
  }
}
