// SPDX-License-Identifier: Apache-2.0
import { endianness } from 'node:os';
import type { CounterRows } from './bpf-maps.ts';
import { COUNTER_ROW, PROBE_COUNTERS, type ProbeCounterName } from './generated/abi.ts';

/** The kernel's counters of one point, or of all. Exact below 2^53. */
export type ProbeCounters = Record<ProbeCounterName, number>;

export function zeroCounters(): ProbeCounters {
  return Object.fromEntries(PROBE_COUNTERS.map((name) => [name, 0])) as ProbeCounters;
}

/** Adds the rows of all CPUs up. */
export class CounterReader {
  readonly #rows: CounterRows;
  readonly #cpus: number;
  readonly #maxPoints: number;
  readonly #row = Buffer.alloc(COUNTER_ROW.size);

  constructor(rows: CounterRows, cpus: number, maxPoints: number) {
    this.#rows = rows;
    this.#cpus = cpus;
    this.#maxPoints = maxPoints;
  }

  /** Everything ever counted under this index, whichever points have had it. */
  readIndex(index: number): ProbeCounters {
    const sum = zeroCounters();
    for (let cpu = 0; cpu < this.#cpus; cpu += 1) {
      this.#rows.read(cpu * this.#maxPoints + index, this.#row);
      PROBE_COUNTERS.forEach((name, i) => {
        sum[name] += readCount(this.#row, COUNTER_ROW.value + 8 * i);
      });
    }
    return sum;
  }

  close(): void {
    this.#rows.close();
  }
}

/** As a number, by halves: a BigInt would be made only to be thrown away. */
function readCount(row: Buffer, at: number): number {
  if (endianness() === 'LE') return row.readUInt32LE(at + 4) * 2 ** 32 + row.readUInt32LE(at);
  return row.readUInt32BE(at) * 2 ** 32 + row.readUInt32BE(at + 4);
}

/** Adds `more`, taken `factor` times, to `sum`. */
export function addCounters(sum: ProbeCounters, more: ProbeCounters, factor: 1 | -1 = 1): void {
  for (const name of PROBE_COUNTERS) sum[name] += factor * more[name];
}
