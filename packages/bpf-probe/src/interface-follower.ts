// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBurstLog } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import type { HopProbeError } from './errors.ts';
import { isNamed, selectInterfaces, type WatchedInterface } from './interfaces.ts';
import type { NativeLinkWatch } from './native.ts';
import type { NetworkInterface } from './netlink/links.ts';
import type { WantedInterfaces } from './point-roles.ts';
import type { ProbeTally } from './probe-tally.ts';
import type { WatchList } from './watch-list.ts';

/** Changes that come in a burst are looked at together, in milliseconds. */
const GATHER_MILLIS = 20;

const { ENODEV } = constants.errno;

export interface InterfaceFollowerParts {
  readonly watchList: Pick<WatchList, 'attachments' | 'add' | 'remove' | 'restoreOrder'>;
  readonly list: () => readonly NetworkInterface[];
  /** Undefined: what comes later is not watched. */
  readonly linkWatch: NativeLinkWatch | undefined;
  /** Reads the rings: before an index that an old record may name gets a new meaning. */
  readonly flush: () => Promise<void>;
  readonly tally: ProbeTally;
}

/**
 * Keeps what is watched equal to what is wanted while devices come and go. The kernel's messages only say that it
 * is time to look: what counts is the list of devices, so that a message that was lost does no harm. One device
 * is attached to at a time, because the kernel holds one lock for all of them meanwhile.
 */
export class InterfaceFollower {
  readonly #parts: InterfaceFollowerParts;
  readonly #refused = new Set<number>();
  readonly #logWarning = createBurstLog(diag.warn.bind(diag));
  #wanted: WantedInterfaces;
  #turn: Promise<unknown> = Promise.resolve();
  #gathering = false;
  #closed = false;

  constructor(parts: InterfaceFollowerParts, wanted: WantedInterfaces) {
    this.#parts = parts;
    this.#wanted = wanted;
  }

  /**
   * Begins to listen and attaches to what is there.
   * @throws HopProbeError when a device is there and cannot be attached to
   */
  async open(): Promise<void> {
    const status = this.#parts.linkWatch?.open((lost) => this.#onChange(lost)) ?? 0;
    if (status < 0) this.#logWarning(`hopspan probe: cannot listen for new devices (errno ${-status})`);
    await this.#inTurn(() => this.#reconcile(true, (device) => this.#addFirst(device)));
  }

  /** Watches these devices from now on. Resolves when those of them that are there are attached to. */
  follow(wanted: WantedInterfaces): Promise<void> {
    this.#wanted = wanted;
    return this.#inTurn(() => this.#reconcile(true, (device) => this.#add(device)));
  }

  /** Looks at the devices, whatever the kernel said, and at the order of the programs. */
  check(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#reconcile(this.#follows, (device) => this.#add(device));
      if (!this.#closed) await this.#parts.watchList.restoreOrder();
    });
  }

  /** Resolves when nothing is being attached or detached any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.linkWatch?.close();
    await this.#turn;
  }

  get #follows(): boolean {
    return this.#parts.linkWatch !== undefined;
  }

  #onChange(lost: boolean): void {
    this.#parts.tally.link_changes += 1;
    if (lost) this.#parts.tally.link_changes_lost += 1;
    if (this.#gathering) return;
    this.#gathering = true;
    this.#inTurn(async () => {
      // What comes from here on asks for another turn, after a moment in which more of it can come.
      this.#gathering = false;
      await this.#reconcile(true, (device) => this.#addNew(device));
      await sleep(GATHER_MILLIS, undefined, { ref: false });
    }).catch((error: unknown) => this.#logWarning('hopspan probe: following the devices failed', error));
  }

  /** One after the other: steps never overlap. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(() => (this.#closed ? undefined : step()));
    this.#turn = mine.catch(() => {
      this.#parts.tally.interface_errors += 1;
    });
    return mine;
  }

  async #reconcile(adds: boolean, add: (device: WatchedInterface) => Promise<void>): Promise<void> {
    const { watchList, list, flush } = this.#parts;
    const existing = list();
    const attached = watchList.attachments.map(({ watched }) => watched);
    const indexes = new Set(attached.map(({ ifindex }) => ifindex));
    const selected = selectInterfaces(this.#wanted, existing, indexes);
    const wanted = new Map(selected.map((each) => [each.ifindex, each]));
    for (const device of attached) {
      const next = wanted.get(device.ifindex);
      if (next !== undefined && isSame(device, next)) wanted.delete(device.ifindex);
      else await this.#remove(device, existing);
    }
    for (const ifindex of this.#refused) if (!wanted.has(ifindex)) this.#refused.delete(ifindex);
    if (!adds || wanted.size === 0) return;
    await flush();
    for (const device of wanted.values()) if (!this.#closed) await add(device);
  }

  /** What was refused is tried again by `check` alone, and not whenever another device comes. */
  async #addNew(device: WatchedInterface): Promise<void> {
    if (!this.#refused.has(device.ifindex)) await this.#add(device);
  }

  async #add(device: WatchedInterface): Promise<void> {
    try {
      await this.#parts.watchList.add(device);
      this.#refused.delete(device.ifindex);
    } catch (error) {
      // It has gone while we looked: nothing is missed.
      if ((error as HopProbeError).errno === ENODEV) return;
      this.#refuse(device, error);
    }
  }

  /** At the start a mistake is told at once; but a node with many pods is no mistake. */
  async #addFirst(device: WatchedInterface): Promise<void> {
    try {
      await this.#parts.watchList.add(device);
    } catch (error) {
      if (isNamed(device.ifname, this.#wanted)) throw error;
      const { code, errno } = error as HopProbeError;
      if (code === 'HOPSPAN_ERR_TOO_MANY_POINTS') this.#refuse(device, error);
      else if (errno !== ENODEV) throw error;
    }
  }

  #refuse({ ifindex }: WatchedInterface, error: unknown): void {
    if (this.#refused.has(ifindex)) return;
    this.#refused.add(ifindex);
    this.#parts.tally.interfaces_refused += 1;
    this.#logWarning('hopspan probe: a device is not watched', error);
  }

  async #remove(watched: WatchedInterface, existing: readonly NetworkInterface[]): Promise<void> {
    const { watchList, tally } = this.#parts;
    if (!existing.some(({ ifindex }) => ifindex === watched.ifindex)) {
      tally.interfaces_lost += 1;
      // A pod's end is nothing to warn of; that of an uplink is.
      const say = watched.role === 'nic' ? this.#logWarning : diag.debug.bind(diag);
      say(`hopspan probe: interface '${watched.ifname}' is gone; it is no longer watched`);
    }
    await watchList.remove(watched.ifindex);
  }
}

function isSame(one: WatchedInterface, other: WatchedInterface): boolean {
  return one.ifname === other.ifname && one.role === other.role;
}
