// SPDX-License-Identifier: Apache-2.0

import { type Counters, createBurstLog, type HopConsumer } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { checkStatus } from './check-status.ts';
import { HopDecoder } from './hop-decoder.ts';
import { listInterfaces, resolveInterfaces, type WatchedInterface } from './interfaces.ts';
import { type LoadedProbe, loadProbe } from './loaded-probe.ts';
import type { NativeAddon } from './native.ts';
import type { ResolvedProbeOptions } from './options.ts';
import { PointTable } from './point-table.ts';
import { createProbeSpec, type ProbeSpec } from './probe-spec.ts';
import { createProbeTally } from './probe-tally.ts';
import { RingReader } from './ring-reader.ts';
import { Sweeper, type TableState } from './sweeper.ts';
import { type PointCounters, WatchList } from './watch-list.ts';

/** Bytes of a batch: about 290 hops. */
const BATCH_BYTES = 64 * 1024;

/** What stays readable when the probe is gone. */
export interface ProbeReport {
  readonly counters: Counters;
  readonly points: readonly PointCounters[];
  readonly table: TableState;
}

/** One probe in the kernel, from start to stop. */
export class ProbeRun {
  readonly watchList: WatchList;
  readonly reader: RingReader;
  readonly #native: NativeAddon;
  readonly #probe: LoadedProbe;
  readonly #tally = createProbeTally();
  readonly #decoder: HopDecoder;
  readonly #sweeper: Sweeper;
  readonly #timers: NodeJS.Timeout[];
  readonly #logError = createBurstLog(diag.error.bind(diag));

  /**
   * Loads and attaches: everything, or nothing stays.
   * @throws HopProbeError
   */
  constructor(
    native: NativeAddon,
    options: ResolvedProbeOptions,
    object: Uint8Array,
    consumer: Pick<HopConsumer, 'onHops'>,
  ) {
    const watched = resolveInterfaces(options.interfaces, listInterfaces(), options.allowNoInterfaces);
    const spec = createProbeSpec(options, machineOf(native), object);
    this.#native = native;
    this.#probe = loadProbe(native, spec);
    try {
      this.watchList = this.#createWatchList(options);
      this.#decoder = new HopDecoder(BATCH_BYTES, (index) => this.watchList.points.get(index));
      this.#sweeper = this.#createSweeper(spec);
      this.reader = this.#createReader(spec, options, consumer);
      this.#attachAll(watched);
    } catch (error) {
      this.#probe.close();
      throw error;
    }
    this.reader.start();
    this.#timers = this.#startTimers(options);
  }

  /** Sums close when no traffic passes between the parts: the table is swept first, then counted. */
  report(): ProbeReport {
    const table = this.#sweeper.sweep();
    return { table, counters: this.counters(), points: this.watchList.pointCounters() };
  }

  counters(): Counters {
    return { ...this.watchList.totals(), ...this.#decoder.tally, ...this.#tally };
  }

  table(): TableState {
    return this.#sweeper.sweep();
  }

  /**
   * Detaches first, so that the kernel's counts stand still; then reads what is left in the rings, then
   * counts for the last time, then frees.
   */
  stop(): ProbeReport {
    for (const timer of this.#timers) clearInterval(timer);
    this.watchList.detachAll();
    this.#native.waitForGracePeriod();
    this.reader.close();
    try {
      return this.report();
    } finally {
      this.#probe.close();
    }
  }

  #createWatchList(options: ResolvedProbeOptions): WatchList {
    const context = {
      native: this.#native,
      probe: this.#probe,
      clsactPriority: options.clsactPriority,
    };
    return new WatchList(context, options.attach, new PointTable(options.maxPoints), this.#tally);
  }

  #createSweeper(spec: ProbeSpec): Sweeper {
    return new Sweeper({
      native: this.#native,
      sweepFd: this.#probe.sweepFd,
      tableSets: spec.tableSets,
      capacity: spec.tableSlots,
      tally: this.#tally,
    });
  }

  #createReader(
    spec: ProbeSpec,
    options: ResolvedProbeOptions,
    consumer: Pick<HopConsumer, 'onHops'>,
  ): RingReader {
    return new RingReader({
      native: this.#native,
      ringFds: this.#probe.ringFds,
      capacity: spec.ringBytes * spec.possibleCpus,
      decoder: this.#decoder,
      clock: options.clock,
      consumer,
      tally: this.#tally,
      pollIntervalMillis: options.pollIntervalMillis,
    });
  }

  #attachAll(watched: readonly WatchedInterface[]): void {
    try {
      for (const role of ['vport', 'nic'] as const) {
        for (const device of watched) if (device.role === role) this.watchList.add(device);
      }
    } catch (error) {
      this.watchList.detachAll();
      this.reader.close();
      throw error;
    }
  }

  #startTimers({ pathTimeoutMillis, orderCheckIntervalMillis }: ResolvedProbeOptions): NodeJS.Timeout[] {
    const sweepMillis = Math.max(1, Math.floor(pathTimeoutMillis / 2));
    return [
      setInterval(() => this.#sweeper.sweep(), sweepMillis).unref(),
      setInterval(() => this.#checkOrder(), orderCheckIntervalMillis).unref(),
    ];
  }

  #checkOrder(): void {
    try {
      this.watchList.check(new Set(listInterfaces().map(({ ifindex }) => ifindex)));
    } catch (error) {
      this.#tally.order_unknown += 1;
      this.#logError('hopspan probe: checking the order of programs failed', error);
    }
  }
}

function machineOf(native: NativeAddon): { possibleCpus: number; pageSize: number } {
  const possibleCpus = checkStatus(native, 'HOPSPAN_ERR_SYSTEM', 'count CPUs', native.possibleCpus());
  return { possibleCpus, pageSize: native.pageSize() };
}
