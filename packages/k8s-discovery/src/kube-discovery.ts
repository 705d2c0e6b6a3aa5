// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import { KubeClient } from './api/kube-client.ts';
import { Reflector } from './api/reflector.ts';
import { newReflectorTally } from './api/reflector-counters.ts';
import type { RawObject, ReflectorSink, Resource } from './api/resource.ts';
import {
  type KubeDiscoveryOptions,
  type ResolvedKubeDiscoveryOptions,
  resolveKubeDiscoveryOptions,
} from './discovery-options.ts';
import { ClusterIndex, type Namespace } from './index/cluster-index.ts';
import type { ServiceName } from './index/endpoint-slice.ts';
import type { AddressHolder } from './index/holder.ts';
import type { Node } from './index/node.ts';
import type { Pod } from './index/pod.ts';
import type { Service } from './index/service.ts';
import { OutageLog } from './outage-log.ts';
import {
  endpointSliceResource,
  namespaceResource,
  nodeResource,
  podResource,
  serviceResource,
} from './resources.ts';

/** Told of a pod of this node that is new or has changed, or, with `undefined`, is gone. */
export type PodListener = (uid: string, pod: Pod | undefined) => void;

/**
 * Follows a cluster for one node: its own pods, and what it takes to name the other end of a hop. Once started it
 * goes on until it is shut down: while the API server cannot be reached, what is known stays.
 */
export class KubeDiscovery {
  readonly #options: ResolvedKubeDiscoveryOptions;
  readonly #client: KubeClient;
  readonly #index: ClusterIndex;
  readonly #reflectors: readonly Reflector<RawObject>[];
  readonly #listeners = new Set<PodListener>();
  readonly #log = new OutageLog();
  #stopped: Promise<void> | undefined;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: KubeDiscoveryOptions) {
    this.#options = resolveKubeDiscoveryOptions(options);
    this.#client = new KubeClient(this.#options.access, this.#options);
    this.#index = new ClusterIndex({ ...this.#options, onPod: (uid, pod) => this.#notify(uid, pod) });
    this.#reflectors = this.#createReflectors();
  }

  /** Begins to list and to watch. Does not wait for anything; see synced. */
  start(): void {
    if (this.#stopped === undefined) for (const reflector of this.#reflectors) reflector.start();
  }

  /** Resolves when every kind of object has been listed once, or with the shutdown. */
  async synced(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.synced));
  }

  /** Whether every kind is being watched right now; else what is known may be out of date. */
  get live(): boolean {
    return this.#reflectors.every((reflector) => reflector.live);
  }

  /**
   * What an address was at a time.
   * @param address in the form that hops have: dotted quad or RFC 5952
   * @param port of that address, 0 for none
   * @param atMillis CLOCK_MONOTONIC in milliseconds. Default: now
   * @param podUid the pod whose address it was, where that is certain: see PodVports.podOf
   */
  resolve(
    address: string,
    port: number,
    atMillis: number = Number(process.hrtime.bigint()) / 1e6,
    podUid?: string,
  ): AddressHolder {
    return this.#index.resolve(address, port, atMillis, podUid);
  }

  /** The pods of this node (with `remotePods: 'all'`: of every node). */
  pods(): Pod[] {
    return this.#index.pods();
  }

  /** The Services that a pod of this node belongs to; none where `remotePods` is `none`. */
  servicesOf(pod: Pod): ServiceName[] {
    return this.#index.servicesOf(pod);
  }

  /** Names of the workloads of all pods that are known, those of other nodes included. */
  workloadNames(): Set<string> {
    return this.#index.workloadNames();
  }

  services(): Service[] {
    return this.#index.services();
  }

  nodes(): Node[] {
    return this.#index.nodes();
  }

  namespaces(): Namespace[] {
    return this.#index.namespaces();
  }

  /** Tells the listener of all pods that are known, then of every change. @returns what ends that */
  watchPods(listener: PodListener): () => void {
    for (const pod of this.#index.pods()) listener(pod.uid, pod);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  counters(): Counters {
    const total = newReflectorTally();
    for (const reflector of this.#reflectors) {
      const counters = reflector.counters();
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counters[name];
    }
    return { ...total, ...this.#client.counters(), ...this.#index.counters() };
  }

  /** The counters of each kind of object, by its name. */
  reflectorCounters(): Readonly<Record<string, Counters>> {
    return Object.fromEntries(this.#reflectors.map((each) => [each.resource.name, each.counters()]));
  }

  /** Ends lists and watches. What is known stays readable. A second call returns the first one's promise. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
    await this.#client.close();
    this.#listeners.clear();
  }

  #createReflectors(): Reflector<RawObject>[] {
    const { remotePods, nodeName } = this.#options;
    const index = this.#index;
    return [
      this.#reflect(podResource(remotePods === 'all' ? undefined : nodeName), index.podSink()),
      this.#reflect(namespaceResource, index.namespaceSink()),
      this.#reflect(nodeResource, index.nodeSink()),
      this.#reflect(serviceResource, index.serviceSink()),
      ...(remotePods === 'none' ? [] : [this.#reflect(endpointSliceResource, index.sliceSink())]),
    ];
  }

  #reflect<Raw extends RawObject>(resource: Resource<Raw>, sink: ReflectorSink<Raw>): Reflector<RawObject> {
    const { watchTimeoutSeconds, watchIdleMillis, initialBackoffMillis, maxBackoffMillis } = this.#options;
    const reflector = new Reflector(this.#client, resource, sink, {
      watchTimeoutSeconds,
      watchIdleMillis,
      initialMillis: initialBackoffMillis,
      maxMillis: maxBackoffMillis,
      onState: (name, error) => this.#log.report(name, error),
    });
    return reflector as unknown as Reflector<RawObject>;
  }

  #notify(uid: string, pod: Pod | undefined): void {
    for (const listener of this.#listeners) listener(uid, pod);
  }
}
