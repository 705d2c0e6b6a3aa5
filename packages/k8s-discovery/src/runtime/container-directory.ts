// SPDX-License-Identifier: Apache-2.0
import { type Counters, createBurstLog } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import type { HostNetwork } from '../vport/network.ts';
import { type NoVportReason, VPORT_STRATEGIES, type VportStrategyName } from '../vport/subject.ts';
import { VportTable } from '../vport/vport-table.ts';
import type { ContainerRuntime, RuntimeContainer } from './container.ts';

/** Options of ContainerDirectory. */
export interface ContainerDirectoryOptions {
  readonly runtimes: readonly ContainerRuntime[];
  readonly network: HostNetwork;
  /** In the order in which they are tried. Default: VPORT_STRATEGIES, `namespace` first, which is exact. */
  readonly strategies?: readonly VportStrategyName[];
  /** How often the runtimes are asked when they say nothing, in milliseconds. Default: 10000. */
  readonly intervalMillis?: number;
}

const STRATEGIES = ['namespace', ...VPORT_STRATEGIES.filter((name) => name !== 'namespace')] as const;
/** So many containers that have ended are remembered, for hops that are still on their way. */
const ENDED_MAX = 4096;
/** Events that come in a burst are answered by one look, in milliseconds. */
const GATHER_MILLIS = 50;

/** Which container a device belongs to, as the runtimes of this machine tell. */
export class ContainerDirectory {
  readonly #runtimes: readonly ContainerRuntime[];
  readonly #intervalMillis: number;
  readonly #table: VportTable;
  /** By runtime: when one does not answer, what it said last still counts. */
  readonly #lists = new Map<ContainerRuntime, readonly RuntimeContainer[]>();
  readonly #known = new Map<string, RuntimeContainer>();
  readonly #counts = { refreshes: 0, refresh_errors: 0, containers_seen: 0 };
  readonly #logWarning = createBurstLog(diag.warn.bind(diag));
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor({
    runtimes,
    network,
    strategies = STRATEGIES,
    intervalMillis = 10_000,
  }: ContainerDirectoryOptions) {
    this.#runtimes = runtimes;
    this.#intervalMillis = intervalMillis;
    this.#table = new VportTable({ network, strategies });
  }

  /** Looks for the first time, and from then on whenever something changes. Never rejects: a runtime may come later. */
  async start(): Promise<void> {
    await this.refresh();
    if (this.#closed) return;
    for (const runtime of this.#runtimes) runtime.watch?.(() => this.#refreshSoon());
    this.#timer = setInterval(() => void this.refresh(), this.#intervalMillis).unref();
  }

  /** The container that is, or until its end was, behind a device. */
  containerOf(ifindex: number): RuntimeContainer | undefined {
    const id = this.#table.ownerOf(ifindex);
    return id === undefined ? undefined : this.#known.get(id);
  }

  /** The containers without a vport by reason: what is not measured, and why. */
  unwatched(): ReadonlyMap<NoVportReason, readonly string[]> {
    const names = (id: string): string => this.#known.get(id)?.name ?? id;
    return new Map(
      [...this.#table.unwatched()].map(([reason, list]) => [reason, list.map(({ id }) => names(id))]),
    );
  }

  counters(): Counters {
    return { ...this.#counts, ...this.#table.counters() };
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await Promise.all(this.#runtimes.map((runtime) => runtime.close()));
    await this.#refreshing;
  }

  /** Asks every runtime, once at a time. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  #refreshSoon(): void {
    if (this.#closed) return;
    this.#soon ??= setTimeout(async () => {
      this.#soon = undefined;
      // One that is under way may have asked before the change.
      await this.#refreshing;
      if (!this.#closed) await this.refresh();
    }, GATHER_MILLIS);
  }

  async #refresh(): Promise<void> {
    this.#counts.refreshes += 1;
    await Promise.all(this.#runtimes.map((runtime) => this.#ask(runtime)));
    const containers = [...this.#lists.values()].flat();
    for (const container of containers) this.#remember(container);
    for (const id of this.#known.keys()) {
      if (this.#known.size <= Math.max(ENDED_MAX, containers.length)) break;
      this.#known.delete(id);
    }
    try {
      this.#table.update(
        containers.map(({ pod, ...rest }) => ({ ...rest, namespace: pod?.namespace, name: pod?.name })),
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  async #ask(runtime: ContainerRuntime): Promise<void> {
    try {
      this.#lists.set(runtime, await runtime.list());
    } catch (error) {
      if (!this.#closed) this.#failed(error);
    }
  }

  /** The latest last, so that what is forgotten is the oldest. */
  #remember(container: RuntimeContainer): void {
    if (!this.#known.delete(container.id)) this.#counts.containers_seen += 1;
    this.#known.set(container.id, container);
  }

  #failed(error: unknown): void {
    this.#counts.refresh_errors += 1;
    this.#logWarning('hopspan containers:', error);
  }
}
