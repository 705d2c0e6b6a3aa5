// SPDX-License-Identifier: Apache-2.0
import { endianness } from 'node:os';
import { createBurstLog } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { describeErrno } from './errors.ts';
import { CONNECTION_SWEEP, SWEEP_CONTEXT, SWEEP_SETS_MAX } from './generated/abi.ts';
import type { NativeAddon } from './native.ts';
import type { ProbeTally } from './probe-tally.ts';

/** How full the hop table and the connection table are. */
export interface TableState {
  /** Messages that still wait for their next point. */
  readonly live: number;
  /** Finished messages that are remembered for late copies. */
  readonly held: number;
  /** Messages suspected to be lost, and not judged yet. */
  readonly suspected: number;
  /** Slots. */
  readonly capacity: number;
  /** Connections that are remembered. */
  readonly connections: number;
  /** Connections that could be. */
  readonly connection_capacity: number;
  /** Traced requests whose response has not come. */
  readonly responses_awaited: number;
  /** Request headers whose rest has not come. */
  readonly headers_waiting: number;
}

/** The state of empty tables of this size. */
export function emptyTables(capacity: number, connectionCapacity: number): TableState {
  return {
    live: 0,
    held: 0,
    suspected: 0,
    capacity,
    connections: 0,
    connection_capacity: connectionCapacity,
    responses_awaited: 0,
    headers_waiting: 0,
  };
}

export interface SweeperParts {
  readonly native: Pick<NativeAddon, 'runSyscall'>;
  readonly sweepFd: number;
  readonly sweepConnectionsFd: number;
  readonly tableSets: number;
  readonly connectionSets: number;
  readonly capacity: number;
  readonly connectionCapacity: number;
  readonly tally: ProbeTally;
}

const LITTLE = endianness() === 'LE';

/** Has the kernel give up what timed out, and learns from it what is left. */
export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #logError = createBurstLog(diag.error.bind(diag));
  #state: TableState;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#state = emptyTables(parts.capacity, parts.connectionCapacity);
  }

  /** As of the last complete sweep. */
  get state(): TableState {
    return this.#state;
  }

  /**
   * Both tables, in runs of a bounded number of sets.
   * @param last no program runs any more: messages that were dropped are judged at once
   */
  sweep(last = false): TableState {
    const { tableSets, connectionSets, tally, sweepFd, sweepConnectionsFd } = this.#parts;
    const next = { ...emptyTables(this.#state.capacity, this.#state.connection_capacity) };
    const prepare = (context: DataView) => context.setUint32(SWEEP_CONTEXT.last, last ? 1 : 0, LITTLE);
    const messages = this.#each(
      sweepFd,
      SWEEP_CONTEXT,
      tableSets,
      (context) => {
        next.live += context.getUint32(SWEEP_CONTEXT.live, LITTLE);
        next.held += context.getUint32(SWEEP_CONTEXT.held, LITTLE);
        next.suspected += context.getUint32(SWEEP_CONTEXT.suspected, LITTLE);
      },
      prepare,
    );
    const connections = this.#each(sweepConnectionsFd, CONNECTION_SWEEP, connectionSets, (context) => {
      next.connections += context.getUint32(CONNECTION_SWEEP.open, LITTLE);
      next.responses_awaited += context.getUint32(CONNECTION_SWEEP.awaited, LITTLE);
      next.headers_waiting += context.getUint32(CONNECTION_SWEEP.waiting, LITTLE);
    });
    if (!messages || !connections) return this.#state;
    tally.sweeps += 1;
    this.#state = next;
    return this.#state;
  }

  /** False when a run failed, which is counted. */
  #each(
    fd: number,
    layout: { readonly size: number; readonly first_set: number; readonly sets: number },
    sets: number,
    read: (context: DataView) => void,
    prepare?: (context: DataView) => void,
  ): boolean {
    const context = new DataView(new ArrayBuffer(layout.size));
    prepare?.(context);
    for (let first = 0; first < sets; first += SWEEP_SETS_MAX) {
      context.setUint32(layout.first_set, first, LITTLE);
      context.setUint32(layout.sets, Math.min(SWEEP_SETS_MAX, sets - first), LITTLE);
      const { status } = this.#parts.native.runSyscall(fd, new Uint8Array(context.buffer));
      if (status < 0) {
        this.#parts.tally.sweep_errors += 1;
        this.#logError(`hopspan probe: sweeping a table: ${describeErrno(-status)}`);
        return false;
      }
      read(context);
    }
    return true;
  }
}
