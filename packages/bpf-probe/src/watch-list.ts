// SPDX-License-Identifier: Apache-2.0

import { createBurstLog, type TracingPoint } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { attach } from './attach.ts';
import type { AttachContext, Attachment } from './attachment.ts';
import { addCounters, type ProbeCounters, zeroCounters } from './counter-reader.ts';
import type { WatchedInterface } from './interfaces.ts';
import type { AttachMode } from './options.ts';
import type { PointTable } from './point-table.ts';
import type { ProbeTally } from './probe-tally.ts';

/** What goes on check after check, for want of a capability for example, is said this often. */
const WARN_MILLIS = 600_000;

/** The kernel's counters of one tracing point. */
export interface PointCounters {
  readonly point: TracingPoint;
  readonly counters: ProbeCounters;
}

/** The kernel overlaps some of the waiting when links are closed, unlike when they are made. libuv has four threads. */
const DETACH_AT_ONCE = 3;

/** A device that is watched, and what its points' indexes had counted before. */
interface Entry {
  readonly attachment: Attachment;
  readonly before: ReadonlyMap<number, ProbeCounters>;
}

/**
 * The devices that are watched now, by index: attaches, detaches, keeps ours first, counts by point. Its
 * operations must not overlap: one caller makes them one after the other.
 */
export class WatchList {
  readonly points: PointTable;
  readonly #context: AttachContext;
  readonly #mode: AttachMode;
  readonly #tally: ProbeTally;
  readonly #entries = new Map<number, Entry>();
  readonly #warn = createBurstLog(diag.warn.bind(diag), WARN_MILLIS);

  constructor(context: AttachContext, mode: AttachMode, points: PointTable, tally: ProbeTally) {
    this.#context = context;
    this.#mode = mode;
    this.points = points;
    this.#tally = tally;
  }

  get attachments(): readonly Attachment[] {
    return [...this.#entries.values()].map(({ attachment }) => attachment);
  }

  /**
   * The kernel knows the points before the first packet can reach them.
   * @throws HopProbeError HOPSPAN_ERR_ATTACH, HOPSPAN_ERR_NOT_PERMITTED, HOPSPAN_ERR_TOO_MANY_POINTS
   */
  async add(watched: WatchedInterface): Promise<void> {
    const points = this.points.add(watched);
    const { probe } = this.#context;
    const before = new Map(points.map(({ index }) => [index, probe.counters.readIndex(index)]));
    try {
      for (const point of points) probe.points.set(point);
      const attachment = await attach(this.#context, this.#mode, watched, points);
      this.#entries.set(watched.ifindex, { attachment, before });
    } catch (error) {
      this.#forget(points);
      throw error;
    }
    this.#tally.interfaces_attached += 1;
  }

  /** No longer watches a device, which may be gone already. */
  async remove(ifindex: number): Promise<void> {
    const entry = this.#entries.get(ifindex);
    if (entry === undefined) return;
    this.#entries.delete(ifindex);
    await entry.attachment.detach();
    this.#forget(entry.attachment.points);
    this.#tally.interfaces_detached += 1;
  }

  async detachAll(): Promise<void> {
    const left = this.attachments.values();
    const work = async (): Promise<void> => {
      for (const attachment of left) await attachment.detach();
    };
    await Promise.all(Array.from({ length: DETACH_AT_ONCE }, work));
  }

  /** Puts our programs first where they have been overtaken. */
  async restoreOrder(): Promise<void> {
    this.#tally.order_checks += 1;
    for (const { attachment } of [...this.#entries.values()]) await this.#restore(attachment);
  }

  /** Of the points that are watched now, since they are. */
  pointCounters(): PointCounters[] {
    return [...this.#entries.values()].flatMap(({ attachment, before }) =>
      attachment.points.map((point) => {
        const counters = this.#context.probe.counters.readIndex(point.index);
        addCounters(counters, before.get(point.index) ?? zeroCounters(), -1);
        return { point, counters };
      }),
    );
  }

  /** Of all points there ever were, and of what could not be attributed. */
  totals(): ProbeCounters {
    const sum = zeroCounters();
    for (let index = 0; index < this.points.size; index += 1) {
      addCounters(sum, this.#context.probe.counters.readIndex(index));
    }
    return sum;
  }

  async #restore({ watched, restoreOrder }: Attachment): Promise<void> {
    const state = await restoreOrder();
    if (state === 'restored') {
      this.#tally.order_restored += 1;
      this.#warn(
        `hopspan probe: other programs stood before ours on '${watched.ifname}'; ours are first again`,
      );
    } else if (state === 'unknown') {
      this.#tally.order_unknown += 1;
      this.#warn(`hopspan probe: cannot tell or mend whether our programs run first on '${watched.ifname}'`);
    }
  }

  #forget(points: readonly TracingPoint[]): void {
    for (const point of points) this.#context.probe.points.delete(point);
    this.points.release(points);
  }
}
