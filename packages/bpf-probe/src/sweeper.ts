// SPDX-License-Identifier: Apache-2.0
import { endianness } from 'node:os';
import { createBurstLog } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { describeErrno } from './errors.ts';
import { SWEEP_CONTEXT, SWEEP_SETS_MAX } from './generated/abi.ts';
import type { NativeAddon } from './native.ts';
import type { ProbeTally } from './probe-tally.ts';

/** How full the hop table is. */
export interface TableState {
  /** Messages that still wait for their next point. */
  readonly live: number;
  /** Finished messages that are remembered for late copies. */
  readonly held: number;
  /** Slots. */
  readonly capacity: number;
}

export interface SweeperParts {
  readonly native: Pick<NativeAddon, 'runSyscall' | 'monotonicNs'>;
  readonly sweepFd: number;
  readonly tableSets: number;
  readonly capacity: number;
  readonly tally: ProbeTally;
}

const LITTLE = endianness() === 'LE';

/** Has the kernel give up what timed out, and learns from it what is left. */
export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #context = new DataView(new ArrayBuffer(SWEEP_CONTEXT.size));
  readonly #logError = createBurstLog(diag.error.bind(diag));
  #state: TableState;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#state = { live: 0, held: 0, capacity: parts.capacity };
  }

  /** As of the last complete sweep. */
  get state(): TableState {
    return this.#state;
  }

  /** The whole table, in runs of a bounded number of sets. */
  sweep(): TableState {
    const { tableSets, capacity, tally } = this.#parts;
    let live = 0;
    let held = 0;
    for (let first = 0; first < tableSets; first += SWEEP_SETS_MAX) {
      if (!this.#run(first, Math.min(SWEEP_SETS_MAX, tableSets - first))) return this.#state;
      live += this.#context.getUint32(SWEEP_CONTEXT.live, LITTLE);
      held += this.#context.getUint32(SWEEP_CONTEXT.held, LITTLE);
    }
    tally.sweeps += 1;
    this.#state = { live, held, capacity };
    return this.#state;
  }

  #run(firstSet: number, sets: number): boolean {
    const { native, sweepFd, tally } = this.#parts;
    this.#context.setUint32(SWEEP_CONTEXT.first_set, firstSet, LITTLE);
    this.#context.setUint32(SWEEP_CONTEXT.sets, sets, LITTLE);
    this.#context.setBigUint64(SWEEP_CONTEXT.now_ns, native.monotonicNs(), LITTLE);
    const { status } = native.runSyscall(sweepFd, new Uint8Array(this.#context.buffer));
    if (status >= 0) return true;
    tally.sweep_errors += 1;
    this.#logError(`hopspan probe: sweeping the hop table: ${describeErrno(-status)}`);
    return false;
  }
}
