// SPDX-License-Identifier: Apache-2.0
import { release } from 'node:os';
import type { Counters, HopReceiver, HopSink, PointRole } from '@hopspan/core';
import { requireCapabilities } from './capabilities.ts';
import { zeroCounters } from './counter-reader.ts';
import { HopProbeError } from './errors.ts';
import { requireKernel } from './kernel-release.ts';
import { loadNative } from './native.ts';
import {
  checkInterfaces,
  type HopProbeOptions,
  type InterfaceOptions,
  type ResolvedProbeOptions,
  resolveProbeOptions,
} from './options.ts';
import { readObjectFor } from './probe-object.ts';
import { type ProbeReport, ProbeRun } from './probe-run.ts';
import { createProbeTally } from './probe-tally.ts';
import { emptyTables, type TableState } from './sweeper.ts';
import type { PointCounters } from './watch-list.ts';

/** A watched device and how the programs hang on it. */
export interface AttachedInterface {
  readonly ifname: string;
  readonly ifindex: number;
  readonly role: PointRole;
  readonly mechanism: 'tcx' | 'clsact';
}

/**
 * Watches network devices for HTTP requests that carry a trace context, and delivers the hops they make
 * between them. One object, one life: it is started once and shut down once. While it runs it keeps the
 * process alive.
 */
export class HopProbe implements HopReceiver {
  readonly #options: ResolvedProbeOptions;
  #starting: Promise<ProbeRun> | undefined;
  #run: ProbeRun | undefined;
  #last: ProbeReport;
  #phase: 'new' | 'starting' | 'running' | 'stopped' = 'new';
  #stopped: Promise<void> | undefined;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: HopProbeOptions) {
    this.#options = resolveProbeOptions(options);
    this.#last = {
      counters: { ...zeroCounters(), ...createProbeTally() },
      points: [],
      table: emptyTables(this.#options.tableSlots, this.#options.connectionSlots),
    };
  }

  /**
   * Loads the programs and attaches them to every interface: all of them, or nothing stays in the kernel.
   * A probe that failed to start may be started again.
   * @throws HopProbeError with any of its codes
   */
  async start(consumer: HopSink): Promise<void> {
    if (this.#phase !== 'new') throw wrongPhase('start', this.#phase, 'a new one');
    const native = loadNative();
    requireKernel(release());
    requireCapabilities();
    this.#phase = 'starting';
    this.#starting = ProbeRun.start(native, this.#options, readObjectFor(this.#options), consumer);
    try {
      this.#run = await this.#starting;
      this.#phase = 'running';
    } catch (error) {
      this.#phase = 'new';
      throw error;
    }
  }

  /** Delivers every hop the kernel has recorded by now. */
  async forceFlush(): Promise<void> {
    await this.#run?.reader.flush();
  }

  /** Detaches, delivers what is left, counts for the last time, frees. The counters stay readable. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** The kernel's counters, summed over CPUs and points, and the probe's own. */
  counters(): Counters {
    return this.#run?.counters() ?? this.#last.counters;
  }

  /** The kernel's counters by tracing point, of the points that are watched now. */
  pointCounters(): readonly PointCounters[] {
    return this.#run?.watchList.pointCounters() ?? this.#last.points;
  }

  /** How full the tables are. Gives up what has timed out, so read counters after it, not before. */
  table(): TableState {
    return this.#run?.table() ?? this.#last.table;
  }

  /** The devices that are watched now. */
  attached(): readonly AttachedInterface[] {
    const attachments = this.#run?.watchList.attachments ?? [];
    return attachments.map(({ watched, mechanism }) => ({ ...watched, mechanism }));
  }

  /**
   * Watches these devices instead, from now on. What is in both goes on without a gap; a name that is not there
   * is waited for. Resolves when the devices that are there are attached to; those that could not be are counted
   * (`interfaces_refused`).
   * @throws HopProbeError HOPSPAN_ERR_STATE
   * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
   */
  async setInterfaces(interfaces: InterfaceOptions): Promise<void> {
    const { follower } = this.#running('setInterfaces');
    checkInterfaces(interfaces);
    await follower.follow({ ...interfaces, points: this.#options.points });
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    this.#phase = 'stopped';
    // Detaching takes its time, and until it is done the kernel counts on.
    await this.#run?.stop((report) => {
      this.#last = report;
      this.#run = undefined;
    });
  }

  #running(operation: string): ProbeRun {
    if (this.#run === undefined || this.#phase !== 'running')
      throw wrongPhase(operation, this.#phase, 'a running one');
    return this.#run;
  }
}

function wrongPhase(operation: string, phase: string, expected: string): HopProbeError {
  return new HopProbeError(
    'HOPSPAN_ERR_STATE',
    `${operation}: this probe is ${phase}; it must be ${expected}. Make a new HopProbe for another run.`,
  );
}
