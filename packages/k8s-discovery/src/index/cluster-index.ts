// SPDX-License-Identifier: Apache-2.0
import type { RawObject, ReflectorSink } from '../api/resource.ts';
import { AddressIndex, type AddressIndexOptions } from './address-index.ts';
import { canonicalAddress } from './address-text.ts';
import { CidrMap } from './cidr-map.ts';
import { ClaimStore } from './claim-store.ts';
import { type RawEndpointSlice, type ServiceName, trimEndpointSlice } from './endpoint-slice.ts';
import { type AddressHolder, findHolder } from './holder.ts';
import { Interner } from './interner.ts';
import { type Node, type RawNode, trimNode } from './node.ts';
import { type Pod, type RawPod, trimPod } from './pod.ts';
import { podClaims, podEndMillis, sliceClaims } from './pod-claims.ts';
import { type RawService, type Service, trimService } from './service.ts';

/** Options of ClusterIndex. */
export interface ClusterIndexOptions extends AddressIndexOptions {
  /** The node whose clock is ours: the times that its pods tell are exact. Default: none. */
  nodeName?: string;
  /**
   * How long after a change the API may tell of it, in milliseconds: for so long the holder of an address that was
   * reused stays open, where the pods themselves do not tell. Default: 5000.
   */
  latenessMillis?: number;
  /** CLOCK_MONOTONIC and wall time, both in milliseconds. Default: Node's. */
  now?: () => number;
  wallNow?: () => number;
  /** Told of every change of a pod; `undefined` when it is gone. Must not throw. */
  onPod?: (uid: string, pod: Pod | undefined) => void;
}

/** A namespace, cut down to what is used. */
export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RawNamespace extends RawObject {
  readonly metadata?: RawObject['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
}

/** Everything that is known of the cluster, fed by reflectors, one sink a kind of object. */
export class ClusterIndex {
  readonly addresses: AddressIndex;
  readonly #podCidrs = new CidrMap<string>();
  readonly #names = new Interner();
  readonly #options: ClusterIndexOptions;
  readonly #latenessMillis: number;
  readonly #pods: ClaimStore<Pod>;
  readonly #slices: ClaimStore<undefined>;
  readonly #services: ClaimStore<Service>;
  readonly #nodes: ClaimStore<Node>;
  readonly #namespaces: ClaimStore<Namespace>;
  readonly #now: () => number;
  readonly #wallNow: () => number;

  constructor(options: ClusterIndexOptions = {}) {
    this.#options = options;
    this.#latenessMillis = options.latenessMillis ?? 5000;
    this.#now = options.now ?? (() => Number(process.hrtime.bigint()) / 1e6);
    this.#wallNow = options.wallNow ?? Date.now;
    this.addresses = new AddressIndex(options);
    this.#pods = new ClaimStore(this.addresses);
    this.#slices = new ClaimStore(this.addresses);
    this.#services = new ClaimStore(this.addresses);
    this.#nodes = new ClaimStore(this.addresses);
    this.#namespaces = new ClaimStore(this.addresses);
  }

  /**
   * @param atMillis CLOCK_MONOTONIC
   * @param podUid the pod whose address it was, where that is certain
   */
  resolve(address: string, port: number, atMillis: number, podUid?: string): AddressHolder {
    return findHolder(this.addresses, this.#podCidrs, address, port, atMillis, podUid);
  }

  /** The Services that a pod belongs to now, as their slices tell. */
  servicesOf({ uid, addresses }: Pick<Pod, 'uid' | 'addresses'>): ServiceName[] {
    const claims = addresses.flatMap((address) => this.addresses.claimsOf(canonicalAddress(address)));
    const current = claims.filter(({ pod, to }) => pod?.uid === uid && to === Number.POSITIVE_INFINITY);
    return current.flatMap(({ service }) => service ?? []);
  }

  /** Names of the workloads of all pods that are known, those that slices tell of included. */
  workloadNames(): Set<string> {
    const names = new Set<string>();
    for (const { pod } of this.addresses.claims()) if (pod?.workload) names.add(pod.workload.name);
    return names;
  }

  pods(): Pod[] {
    return [...this.#pods.values()];
  }

  services(): Service[] {
    return [...this.#services.values()];
  }

  nodes(): Node[] {
    return [...this.#nodes.values()];
  }

  namespaces(): Namespace[] {
    return [...this.#namespaces.values()];
  }

  counters() {
    this.addresses.sweep(this.#now());
    return {
      pods: this.#pods.size,
      endpoint_slices: this.#slices.size,
      services: this.#services.size,
      nodes: this.#nodes.size,
      namespaces: this.#namespaces.size,
      ...this.addresses.counters(),
    };
  }

  podSink(): ReflectorSink<RawPod> {
    const gone = (pod: Pod) => this.#options.onPod?.(pod.uid, undefined);
    return {
      replaceBegin: () => this.#pods.replaceBegin(),
      upsert: (raw, sinceMillis) => this.#upsertPod(trimPod(raw), sinceMillis),
      remove: (raw) => {
        const last = trimPod(raw);
        const pod = this.#pods.remove(keyOf(raw), this.#now(), this.#endOf(last));
        if (pod !== undefined) gone(pod);
      },
      replaceEnd: () => this.#pods.replaceEnd(this.#now()).forEach(gone),
    };
  }

  sliceSink(): ReflectorSink<RawEndpointSlice> {
    return this.#sink(this.#slices, (raw, key, from) => {
      const wanted = sliceClaims(trimEndpointSlice(raw), this.#names);
      this.#slices.upsert(key, undefined, wanted, from, this.#now(), this.#now());
    });
  }

  serviceSink(): ReflectorSink<RawService> {
    return this.#sink(this.#services, (raw, key, from) => {
      const { addresses, ports, ...service } = trimService(raw);
      const name = { namespace: this.#names.intern(service.namespace), name: service.name };
      const wanted = addresses.map((address) => ({
        address,
        source: 'service' as const,
        service: name,
        ports,
      }));
      this.#services.upsert(key, { ...name, addresses, ports }, wanted, from, this.#now(), this.#now());
    });
  }

  nodeSink(): ReflectorSink<RawNode> {
    const forget = (node: Node | undefined) => {
      for (const cidr of node?.podCidrs ?? []) this.#podCidrs.delete(cidr, (node as Node).name);
    };
    const upsert = (raw: RawNode, key: string, from: number) => {
      const node = trimNode(raw);
      forget(this.#nodes.get(key));
      for (const cidr of node.podCidrs) this.#podCidrs.set(cidr, node.name);
      const wanted = node.addresses.map((address) => ({ address, source: 'node' as const, node }));
      this.#nodes.upsert(key, node, wanted, from, this.#now(), this.#now());
    };
    return this.#sink(this.#nodes, upsert, forget);
  }

  namespaceSink(): ReflectorSink<RawNamespace> {
    return this.#sink(this.#namespaces, ({ metadata = {} }, key, from) => {
      const namespace = { name: metadata.name ?? '', labels: metadata.labels ?? {} };
      this.#namespaces.upsert(key, namespace, [], from, this.#now(), this.#now());
    });
  }

  #sink<Raw extends RawObject, T>(
    store: ClaimStore<T>,
    upsert: (raw: Raw, key: string, from: number) => void,
    gone: (value: T) => void = () => undefined,
  ): ReflectorSink<Raw> {
    return {
      replaceBegin: () => store.replaceBegin(),
      upsert: (raw, sinceMillis) => upsert(raw, keyOf(raw), sinceMillis - this.#latenessMillis),
      remove: (raw) => {
        const value = store.remove(keyOf(raw), this.#now());
        if (value !== undefined) gone(value);
      },
      replaceEnd: () => store.replaceEnd(this.#now()).forEach(gone),
    };
  }

  #upsertPod(pod: Pod, sinceMillis: number): void {
    const key = `${pod.namespace}/${pod.name}`;
    const now = this.#now();
    const before = this.#pods.get(key);
    // The same name again, as pods of StatefulSets have it, and the end of the old one was missed.
    if (before !== undefined && before.uid !== pod.uid) {
      this.#pods.remove(key, now);
      this.#options.onPod?.(before.uid, undefined);
    }
    const started =
      this.#isOurs(pod) && pod.startedMillis !== undefined ? this.#toMonotonic(pod.startedMillis) : undefined;
    // Only the first addresses of a pod are as old as its containers.
    const first = before === undefined || before.uid !== pod.uid || before.addresses.length === 0;
    const wanted = podClaims(pod, first && started !== undefined ? Math.min(started, now) : undefined);
    this.#pods.upsert(key, pod, wanted, sinceMillis - this.#latenessMillis, this.#endOf(pod), now);
    this.#options.onPod?.(pod.uid, pod);
  }

  /** When a pod that makes no claim any more has made its last one, at the latest. */
  #endOf(pod: Pod): number {
    const ended = this.#isOurs(pod) ? podEndMillis(pod) : undefined;
    return ended === undefined ? this.#now() : Math.min(this.#now(), this.#toMonotonic(ended));
  }

  /** The kubelet of our node has our clock; those of others may be seconds off. */
  #isOurs({ nodeName }: Pod): boolean {
    return nodeName !== undefined && nodeName === this.#options.nodeName;
  }

  #toMonotonic(wallMillis: number): number {
    return wallMillis - this.#wallNow() + this.#now();
  }
}

function keyOf({ metadata }: RawObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}
