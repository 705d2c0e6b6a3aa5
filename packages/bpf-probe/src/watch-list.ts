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

/** A device that is watched, and what its points' indexes had counted before. */
interface Entry {
  readonly attachment: Attachment;
  readonly before: ReadonlyMap<number, ProbeCounters>;
}

/** The devices that are watched now: attaches, detaches, keeps ours first, counts by point. */
export class WatchList {
  readonly points: PointTable;
  readonly #context: AttachContext;
  readonly #mode: AttachMode;
  readonly #tally: ProbeTally;
  readonly #entries = new Map<string, Entry>();
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

  get(ifname: string): Attachment | undefined {
    return this.#entries.get(ifname)?.attachment;
  }

  /**
   * The kernel knows the points before the first packet can reach them.
   * @throws HopProbeError HOPSPAN_ERR_ATTACH, HOPSPAN_ERR_NOT_PERMITTED, HOPSPAN_ERR_TOO_MANY_POINTS
   */
  add(watched: WatchedInterface): readonly TracingPoint[] {
    const points = this.points.add(watched);
    const { probe } = this.#context;
    const before = new Map(points.map(({ index }) => [index, probe.counters.readIndex(index)]));
    try {
      for (const point of points) probe.points.set(point);
      const attachment = attach(this.#context, this.#mode, watched, points);
      this.#entries.set(watched.ifname, { attachment, before });
    } catch (error) {
      this.#forget(points);
      throw error;
    }
    return points;
  }

  /** False when no such device is watched. */
  remove(ifname: string): boolean {
    const entry = this.#entries.get(ifname);
    if (entry === undefined) return false;
    this.#entries.delete(ifname);
    entry.attachment.detach();
    this.#forget(entry.attachment.points);
    return true;
  }

  detachAll(): void {
    for (const { attachment } of this.#entries.values()) attachment.detach();
  }

  /** @param existing indexes of the devices there are */
  check(existing: ReadonlySet<number>): void {
    this.#tally.order_checks += 1;
    for (const { attachment } of [...this.#entries.values()]) {
      if (existing.has(attachment.watched.ifindex)) this.#restore(attachment);
      else this.#lose(attachment);
    }
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

  #restore({ watched, restoreOrder }: Attachment): void {
    const state = restoreOrder();
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

  #lose({ watched }: Attachment): void {
    this.#tally.interfaces_lost += 1;
    this.#warn(`hopspan probe: interface '${watched.ifname}' is gone; it is no longer watched`);
    this.remove(watched.ifname);
  }

  #forget(points: readonly TracingPoint[]): void {
    for (const point of points) this.#context.probe.points.delete(point);
    this.points.release(points);
  }
}
