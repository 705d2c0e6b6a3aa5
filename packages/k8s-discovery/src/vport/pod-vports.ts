// SPDX-License-Identifier: Apache-2.0
import { type Counters, createBurstLog } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import type { ContainerRuntime } from '../runtime/container.ts';
import type { HostNetwork } from './network.ts';
import { findPodProcesses } from './pod-processes.ts';
import type { NoVportReason, VportResult, VportStrategyName, VportSubject } from './subject.ts';
import { VportTable } from './vport-table.ts';

/** What is needed of a pod. */
export interface VportPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
  /** Whether it has ended for good. */
  readonly ended?: boolean;
}

/** Who knows the pods of this node: KubeDiscovery, for example. */
export interface PodSource {
  pods(): readonly VportPod[];
  /** Calls back at every change. @returns what ends that */
  watchPods(listener: () => void): () => void;
}

/** Options of PodVports. */
export interface PodVportsOptions {
  readonly source: PodSource;
  readonly network: HostNetwork;
  /** In the order in which they are tried. Default: VPORT_STRATEGIES. */
  readonly strategies?: readonly VportStrategyName[];
  /** Whether this process is in the node's PID namespace (hostPID) and may look for the pods' processes. Default: false. */
  readonly nodeProcesses?: boolean;
  /** Tells the processes of pods, too: CriRuntime. Default: none. */
  readonly runtime?: ContainerRuntime;
  /** How often pods without a vport are looked for again, in milliseconds. Default: 5000. */
  readonly recheckMillis?: number;
  /** Called when the devices of pods have changed. Default: nothing. */
  readonly onChange?: () => void;
}

/** Changes that come in a burst are answered by one look, in milliseconds. */
const GATHER_MILLIS = 50;
/** For these it is worth to look again, or to ask for a process. */
const OPEN_REASONS: readonly NoVportReason[] = ['no_address', 'not_found'];

/** Keeps the vports of the pods of this node up to date while pods come and go. */
export class PodVports {
  readonly #options: PodVportsOptions;
  readonly #table: VportTable;
  readonly #counts = { process_lookups: 0, process_lookup_errors: 0, vport_errors: 0 };
  readonly #logWarning = createBurstLog(diag.warn.bind(diag));
  #processes: ReadonlyMap<string, number> = new Map();
  #devices = '';
  #unwatch: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: PodVportsOptions) {
    this.#options = options;
    const { network, strategies } = options;
    this.#table = new VportTable({ network, ...(strategies === undefined ? {} : { strategies }) });
  }

  /** Looks for the first time, and from then on at every change. Never rejects. */
  async start(): Promise<void> {
    this.#unwatch = this.#options.source.watchPods(() => this.#refreshSoon());
    await this.refresh();
    if (this.#closed) return;
    const recheck = (): void => {
      if (this.#open().length > 0) void this.refresh();
    };
    this.#timer = setInterval(recheck, this.#options.recheckMillis ?? 5000).unref();
  }

  /** Uid of the pod that is, or until its end was, behind a device. */
  podOf(ifindex: number): string | undefined {
    return this.#table.ownerOf(ifindex);
  }

  get(uid: string): VportResult | undefined {
    return this.#table.get(uid);
  }

  /** Names of the pods' devices. */
  devices(): string[] {
    return this.#table.devices();
  }

  /** The pods without a vport by reason, as namespace/name: what is not measured, and why. */
  unwatched(): ReadonlyMap<NoVportReason, readonly string[]> {
    const names = ({ namespace, name }: VportSubject): string => `${namespace}/${name}`;
    return new Map([...this.#table.unwatched()].map(([reason, list]) => [reason, list.map(names)]));
  }

  counters(): Counters {
    return { ...this.#counts, ...this.#table.counters() };
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await this.#turn;
    await this.#options.runtime?.close();
  }

  /** One look after the other. Never rejects. */
  refresh(): Promise<void> {
    this.#turn = this.#turn.then(() => (this.#closed ? undefined : this.#refresh()));
    return this.#turn;
  }

  #refreshSoon(): void {
    if (this.#closed) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.refresh();
    }, GATHER_MILLIS);
  }

  /** Processes are looked for only when what is cheaper has not found everything. */
  async #refresh(): Promise<void> {
    try {
      this.#update();
      const { nodeProcesses = false, runtime } = this.#options;
      if ((nodeProcesses || runtime !== undefined) && this.#open().length > 0) {
        this.#processes = await this.#findProcesses();
        this.#update();
      }
    } catch (error) {
      this.#counts.vport_errors += 1;
      this.#logWarning('hopspan vports:', error);
    }
    const devices = this.devices().toSorted().join();
    if (devices === this.#devices) return;
    this.#devices = devices;
    this.#options.onChange?.();
  }

  #open(): readonly VportSubject[] {
    const unwatched = this.#table.unwatched();
    return OPEN_REASONS.flatMap((reason) => unwatched.get(reason) ?? []);
  }

  #update(): void {
    const running = this.#options.source.pods().filter(({ ended }) => ended !== true);
    this.#table.update(
      running.map(({ uid, namespace, name, addresses, hostNetwork }) => {
        const pid = this.#processes.get(uid);
        return { id: uid, namespace, name, addresses, hostNetwork, ...(pid === undefined ? {} : { pid }) };
      }),
    );
  }

  async #findProcesses(): Promise<ReadonlyMap<string, number>> {
    const { nodeProcesses = false, runtime } = this.#options;
    this.#counts.process_lookups += 1;
    const found = nodeProcesses ? await findPodProcesses() : new Map<string, number>();
    try {
      for (const { pod, pid } of (await runtime?.list()) ?? [])
        if (pod !== undefined && pid !== undefined) found.set(pod.uid, pid);
    } catch (error) {
      this.#counts.process_lookup_errors += 1;
      this.#logWarning('hopspan vports:', error);
    }
    return found;
  }
}
