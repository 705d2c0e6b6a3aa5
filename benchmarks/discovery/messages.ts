// SPDX-License-Identifier: Apache-2.0
import type { KubeDiscoveryOptions } from '@hopspan/k8s-discovery';

/** What the process with the discovery is given, as a file. */
export interface DiscoveryTask {
  readonly port: number;
  readonly accountFolder: string;
  readonly nodeName: string;
  readonly remotePods: KubeDiscoveryOptions['remotePods'];
  readonly resolvePort: number;
  /** Addresses and the pods that have them. */
  readonly pods: readonly {
    readonly ip: string;
    readonly pod: string;
    readonly service: string;
    readonly node: string;
  }[];
}

/** Memory of the process, in bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/** What it found. */
export interface DiscoveryResult {
  readonly syncedMillis: number;
  /** With everything imported, before the first request; after garbage collection, like `after`. */
  readonly before: Memory;
  readonly after: Memory;
  /** Largest RSS of the process so far. */
  readonly peakRss: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly byKind: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly ownPods: number;
  /** Of the pods in the task: named rightly, with workload, service and node; named wrongly; not named. */
  readonly right: number;
  readonly wrong: number;
  readonly unnamed: number;
  /** CPU time of one look-up, with all of those addresses in turn. */
  readonly resolveNs: number;
  /** The counters again, after pods of other nodes have gone. */
  readonly steady?: Readonly<Record<string, number>>;
}
