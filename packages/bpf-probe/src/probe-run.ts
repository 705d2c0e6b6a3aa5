// SPDX-License-Identifier: Apache-2.0

import { statSync } from 'node:fs';
import { release } from 'node:os';
import { type Counters, createBurstLog, type HopSink } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { checkStatus } from './check-status.ts';
import { DropReasons } from './drop-reasons.ts';
import type { DropWatch } from './drop-watch.ts';
import { CONNECTION_WAYS } from './generated/abi.ts';
import { HopDecoder } from './hop-decoder.ts';
import { InterfaceFollower } from './interface-follower.ts';
import { listInterfaces, resolveInterfaces } from './interfaces.ts';
import { isKernelAtLeast, TCX_KERNEL } from './kernel-release.ts';
import { type LoadedProbe, loadProbe } from './loaded-probe.ts';
import type { NativeAddon } from './native.ts';
import type { ResolvedProbeOptions } from './options.ts';
import type { WantedInterfaces } from './point-roles.ts';
import { PointTable } from './point-table.ts';
import { createProbeSpec, type Machine, type ProbeSpec } from './probe-spec.ts';
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
  readonly follower: InterfaceFollower;
  readonly #native: NativeAddon;
  readonly #probe: LoadedProbe;
  readonly #tally = createProbeTally();
  readonly #decoder: HopDecoder;
  readonly #sweeper: Sweeper;
  #dropWatch: DropWatch | undefined;
  readonly #timers: NodeJS.Timeout[];
  #checking = false;
  readonly #logError = createBurstLog(diag.error.bind(diag));

  /**
   * Loads and attaches: everything, or nothing stays.
   * @throws HopProbeError
   */
  static async start(
    native: NativeAddon,
    options: ResolvedProbeOptions,
    object: Uint8Array,
    consumer: HopSink,
  ): Promise<ProbeRun> {
    resolveInterfaces(wantedOf(options), listInterfaces(), options.allowNoInterfaces);
    const run = new ProbeRun(native, options, object, consumer);
    try {
      if (options.loadAhead) run.#probe.loadAhead(mayUseTcx(options));
      if (options.lostMessages) run.#dropWatch = await run.#probe.watchDrops();
      await run.follower.open();
      return run;
    } catch (error) {
      await run.#close();
      throw error;
    }
  }

  private constructor(
    native: NativeAddon,
    options: ResolvedProbeOptions,
    object: Uint8Array,
    consumer: HopSink,
  ) {
    const spec = createProbeSpec(options, machineOf(native), object);
    this.#native = native;
    this.#probe = loadProbe(native, spec);
    try {
      this.watchList = this.#createWatchList(options);
      this.#decoder = this.#createDecoder();
      this.#sweeper = this.#createSweeper(spec);
      this.reader = this.#createReader(spec, options, consumer);
      this.follower = this.#createFollower(options);
    } catch (error) {
      this.#probe.close();
      throw error;
    }
    this.reader.start();
    this.#timers = this.#startTimers(options);
  }

  counters(): Counters {
    return { ...this.watchList.totals(), ...this.#decoder.tally, ...this.#tally };
  }

  table(): TableState {
    return this.#sweeper.sweep();
  }

  /**
   * Detaches first, so that the kernel's counts stand still; then sweeps, which reports what was lost; then reads
   * what is left in the rings, then counts for the last time, then frees.
   * @param counted takes those counts while this can still be asked for them
   */
  stop(counted: (report: ProbeReport) => void): Promise<void> {
    return this.#close(counted);
  }

  async #close(counted: (report: ProbeReport) => void = () => undefined): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.follower.close();
    await this.watchList.detachAll();
    this.#dropWatch?.detach();
    this.#native.waitForGracePeriod();
    const table = this.#sweeper.sweep(true);
    this.reader.close();
    try {
      counted({ table, counters: this.counters(), points: this.watchList.pointCounters() });
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
    const points = new PointTable(options.maxPoints, restMillisOf(options));
    return new WatchList(context, options.attach, points, this.#tally);
  }

  #createDecoder(): HopDecoder {
    const reasons = new DropReasons(this.#native);
    return new HopDecoder(
      BATCH_BYTES,
      (index) => this.watchList.points.get(index),
      (reason) => reasons.nameOf(reason),
    );
  }

  #createFollower(options: ResolvedProbeOptions): InterfaceFollower {
    const parts = {
      watchList: this.watchList,
      list: listInterfaces,
      linkWatch: options.followInterfaces ? new this.#native.LinkWatch() : undefined,
      flush: () => this.reader.flush(),
      tally: this.#tally,
    };
    return new InterfaceFollower(parts, wantedOf(options));
  }

  #createSweeper(spec: ProbeSpec): Sweeper {
    return new Sweeper({
      native: this.#native,
      sweepFd: this.#probe.sweepFd,
      sweepConnectionsFd: this.#probe.sweepConnectionsFd,
      tableSets: spec.tableSets,
      connectionSets: spec.connectionSets,
      capacity: spec.tableSlots,
      connectionCapacity: spec.connectionSets * CONNECTION_WAYS,
      tally: this.#tally,
    });
  }

  #createReader(spec: ProbeSpec, options: ResolvedProbeOptions, consumer: HopSink): RingReader {
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

  #startTimers({ pathTimeoutMillis, orderCheckIntervalMillis }: ResolvedProbeOptions): NodeJS.Timeout[] {
    return [
      setInterval(() => this.#sweeper.sweep(), sweepMillisOf(pathTimeoutMillis)).unref(),
      setInterval(() => this.#check(), orderCheckIntervalMillis).unref(),
    ];
  }

  #check(): void {
    if (this.#checking) return;
    this.#checking = true;
    const failed = (error: unknown): void => {
      this.#tally.order_unknown += 1;
      this.#logError('hopspan probe: checking the devices failed', error);
    };
    void this.follower
      .check()
      .catch(failed)
      .finally(() => {
        this.#checking = false;
      });
  }
}

function mayUseTcx({ attach }: ResolvedProbeOptions): boolean {
  return attach !== 'clsact' && isKernelAtLeast(release(), TCX_KERNEL);
}

function wantedOf({ interfaces, points }: ResolvedProbeOptions): WantedInterfaces {
  return { ...interfaces, points };
}

/** How long the hop table and the rings may name a point that is no longer watched. */
function restMillisOf({ pathTimeoutMillis, lingerMillis, pollIntervalMillis }: ResolvedProbeOptions): number {
  // A finished path may be suspected while it is remembered, and is judged after another time-out.
  const path = sweepMillisOf(pathTimeoutMillis) + pathTimeoutMillis;
  return 2 * path + lingerMillis + pollIntervalMillis;
}

function sweepMillisOf(pathTimeoutMillis: number): number {
  return Math.max(1, Math.floor(pathTimeoutMillis / 2));
}

function machineOf(native: NativeAddon): Machine {
  const possibleCpus = checkStatus(native, 'HOPSPAN_ERR_SYSTEM', 'count CPUs', native.possibleCpus());
  const netns = statSync('/proc/thread-self/ns/net').ino;
  return { possibleCpus, pageSize: native.pageSize(), netns };
}
