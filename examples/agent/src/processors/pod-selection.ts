// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { Counters } from '@hopspan/core';
import {
  isInTopology,
  JaegerTopology,
  type KubeDiscovery,
  type Pod,
  selectsPod,
} from '@hopspan/k8s-discovery';
import type { EbpfHopsConfig, PodSelectorConfig } from '../config/schema.ts';
import { suggest } from '../config/suggest.ts';
import type { ProcessorContext } from './create-processor.ts';

/** Options of PodSelection. */
export interface PodSelectionOptions extends Pick<ProcessorContext, 'log' | 'resource'> {
  readonly selector: EbpfHopsConfig['pods'];
  /** Called when other pods may be meant than before, though the selector is the same. */
  readonly onChange: () => void;
}

/** Which of this node's pods are traced: `receivers::ebpf_hops::pods`, with the topology that it may ask for. */
export class PodSelection {
  readonly #options: PodSelectionOptions;
  #selector: PodSelectorConfig;
  #topology: JaegerTopology | undefined;
  #started = false;
  #selected = 0;
  #outside = 0;

  constructor(options: PodSelectionOptions) {
    this.#options = options;
    this.#selector = options.selector ?? {};
    this.#topology = this.#createTopology();
  }

  /** Resolves when the topology has been asked for once, whatever came of it. */
  async start(): Promise<void> {
    this.#started = true;
    await this.#topology?.start();
  }

  /** Means other pods from now on. */
  configure(selector: EbpfHopsConfig['pods'] = {}): void {
    const before = this.#selector;
    this.#selector = selector;
    if (isDeepStrictEqual(before.in_topology, selector.in_topology)) return;
    void this.#topology?.shutdown();
    this.#topology = this.#createTopology();
    if (this.#started) void this.#topology?.start();
  }

  /** While the topology is not known it leaves nobody out. */
  select(discovery: Pick<KubeDiscovery, 'pods' | 'servicesOf'>): Pod[] {
    const fitting = discovery.pods().filter((pod) => selectsPod(this.#selector, pod));
    const topology = this.#topology?.topology;
    const selected =
      topology === undefined
        ? fitting
        : fitting.filter((pod) => isInTopology(topology, pod, discovery.servicesOf(pod)));
    this.#selected = selected.length;
    this.#outside = fitting.length - selected.length;
    return selected;
  }

  /** A selected name that does not exist is a mistake in spelling more often than one that comes later. */
  warnOfUnknown(discovery: Pick<KubeDiscovery, 'namespaces' | 'workloadNames'>): void {
    const namespaces = discovery.namespaces().map(({ name }) => name);
    if (namespaces.length > 0) this.#warn('namespaces', 'namespace', namespaces, true);
    // Workloads without a Service on other nodes are not known: one that is like no other may be such a one.
    this.#warn('workloads', 'workload', [...discovery.workloadNames()], false);
  }

  counters(): Counters {
    return {
      pods_selected: this.#selected,
      pods_outside_topology: this.#outside,
      ...this.#topology?.counters(),
    };
  }

  async shutdown(): Promise<void> {
    await this.#topology?.shutdown();
  }

  #createTopology(): JaegerTopology | undefined {
    const { in_topology: wanted } = this.#selector;
    if (wanted === undefined) return undefined;
    return new JaegerTopology({
      endpoint: wanted.endpoint,
      headers: wanted.headers,
      intervalMillis: wanted.interval,
      lookbackMillis: wanted.lookback,
      timeoutMillis: wanted.timeout,
      ignore: [String(this.#options.resource['service.name'])],
      onTopology: this.#options.onChange,
    });
  }

  #warn(key: 'namespaces' | 'workloads', what: string, known: readonly string[], always: boolean): void {
    for (const name of this.#selector[key] ?? []) {
      if (known.includes(name)) continue;
      const nearest = suggest(name, known);
      if (nearest === undefined && !always) continue;
      const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      this.#options.log.warn(`receivers::ebpf_hops::pods::${key}: there is no ${what} "${name}" now${hint}`);
    }
  }
}
