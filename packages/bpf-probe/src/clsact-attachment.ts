// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import type { Hook, TracingPoint } from '@hopspan/core';
import { type AttachContext, type Attachment, type OrderState, worstState } from './attachment.ts';
import { checkStatus } from './check-status.ts';
import { HopProbeError } from './errors.ts';
import type { WatchedInterface } from './interfaces.ts';
import { linkLayerOf } from './link-layer.ts';
import type { ProgramPair } from './loaded-probe.ts';
import type { FilterInfo } from './native.ts';
import { isOurName } from './our-programs.ts';

/** libbpf's BPF_TC_INGRESS and BPF_TC_EGRESS. */
const HOOK_BIT: Readonly<Record<Hook, number>> = { ingress: 1, egress: 2 };

/**
 * Handles of our filters, by which a later start knows them again: "hops" in a qdisc that was there before,
 * "hopq" in one that we made. So the one that replaces the filters of a crash knows whose the qdisc is.
 */
const HANDLE = 0x686f_7073;
const HANDLE_IN_OUR_QDISC = 0x686f_7071;

const { EEXIST } = constants.errno;

/**
 * A direct-action filter on each side of the device's clsact qdisc, which is made when there is none.
 * Filters outlive a killed process: those of ours that are found are replaced, in one step.
 * @throws HopProbeError HOPSPAN_ERR_ATTACH, HOPSPAN_ERR_NOT_PERMITTED
 */
export function attachClsact(
  context: AttachContext,
  watched: WatchedInterface,
  points: readonly TracingPoint[],
): Attachment {
  const filters = new ClsactFilters(context, watched, points);
  filters.attach();
  return {
    mechanism: 'clsact',
    watched,
    points,
    restoreOrder: async () => filters.restore(),
    detach: async () => filters.detach(),
  };
}

class ClsactFilters {
  readonly #context: AttachContext;
  readonly #watched: WatchedInterface;
  readonly #points: readonly TracingPoint[];
  readonly #programs: ProgramPair;
  #madeQdisc = false;

  constructor(context: AttachContext, watched: WatchedInterface, points: readonly TracingPoint[]) {
    this.#context = context;
    this.#watched = watched;
    this.#points = points;
    this.#programs = context.probe.programs(linkLayerOf(watched.hardwareType));
  }

  get #handle(): number {
    return this.#madeQdisc ? HANDLE_IN_OUR_QDISC : HANDLE;
  }

  attach(): void {
    this.#makeQdisc();
    try {
      for (const { hook } of this.#points) this.#put(hook);
    } catch (error) {
      this.detach();
      throw error;
    }
  }

  /** Ours are first by priority; what can happen is that somebody removes or replaces them. */
  restore(): OrderState {
    return worstState(this.#points.map(({ hook }) => this.#restoreHook(hook)));
  }

  /** Removes the qdisc too, if it was made here and nobody else uses it by now. */
  detach(): void {
    const { native, clsactPriority } = this.#context;
    const { ifindex } = this.#watched;
    for (const { hook } of this.#points) {
      const mine = this.#list(hook).find((filter) => this.#isMine(hook, filter));
      if (mine) native.filterDetach(ifindex, HOOK_BIT[hook], mine.handle, clsactPriority);
    }
    const unused = this.#points.every(({ hook }) => this.#list(hook).length === 0);
    if (this.#madeQdisc && unused) native.clsactDestroy(ifindex);
    native.takeLog();
  }

  #makeQdisc(): void {
    const { native } = this.#context;
    const status = native.clsactCreate(this.#watched.ifindex);
    native.takeLog();
    if (status !== -EEXIST) {
      this.#check('add a clsact qdisc to', status);
      this.#madeQdisc = true;
    } else {
      // Also when it was made here once: somebody may have put another in its place.
      const stale = this.#points.flatMap(({ hook }) => this.#ours(hook));
      this.#madeQdisc = stale.some(({ handle }) => handle === HANDLE_IN_OUR_QDISC);
    }
  }

  #put(hook: Hook): void {
    const { native, clsactPriority } = this.#context;
    const { ifindex } = this.#watched;
    const stale = this.#ours(hook);
    const takesPlaceOf = ({ priority, handle }: FilterInfo) =>
      priority === clsactPriority && handle === this.#handle;
    const { fd } = this.#programs[hook];
    const replace = stale.some(takesPlaceOf);
    const status = native.filterAttach(ifindex, HOOK_BIT[hook], this.#handle, clsactPriority, fd, replace);
    this.#check(`attach at priority ${clsactPriority} to clsact ${hook} of`, status);
    for (const filter of stale) {
      if (!takesPlaceOf(filter)) native.filterDetach(ifindex, HOOK_BIT[hook], filter.handle, filter.priority);
    }
  }

  /** A filter that another Hopspan has put in our place is left: two would replace each other for ever. */
  #restoreHook(hook: Hook): OrderState {
    const ours = this.#ours(hook);
    if (ours.some((filter) => this.#isMine(hook, filter))) return 'in-place';
    if (ours.length > 0) return 'unknown';
    try {
      this.#makeQdisc();
      this.#put(hook);
    } catch {
      return 'unknown';
    }
    return 'restored';
  }

  /** Filters of any Hopspan, this one or another, living or dead. */
  #ours(hook: Hook): FilterInfo[] {
    return this.#list(hook).filter(
      ({ handle, programName }) =>
        (handle === HANDLE || handle === HANDLE_IN_OUR_QDISC) && isOurName(programName),
    );
  }

  #isMine(hook: Hook, { handle, programId }: FilterInfo): boolean {
    return handle === this.#handle && programId === this.#programs[hook].id;
  }

  /** Empty also without a qdisc, and without the device. */
  #list(hook: Hook): FilterInfo[] {
    const filters = this.#context.native.listFilters(this.#watched.ifindex, HOOK_BIT[hook]);
    return typeof filters === 'number' ? [] : filters;
  }

  #check(operation: string, status: number): void {
    const { ifname } = this.#watched;
    try {
      checkStatus(this.#context.native, 'HOPSPAN_ERR_ATTACH', `${operation} '${ifname}'`, status);
    } catch (error) {
      if (!(error instanceof HopProbeError) || error.errno !== EEXIST) throw error;
      throw new HopProbeError(
        'HOPSPAN_ERR_ATTACH',
        `${error.message}; another filter has this priority and handle. Choose another clsactPriority.`,
        { errno: EEXIST, cause: error },
      );
    }
  }
}
