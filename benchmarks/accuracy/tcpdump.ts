// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, LabProcess } from '@hopspan/test/lab/index.ts';
import { placement, spawnOn } from '../two-pods/placement.ts';
import { collectSightings, type Sightings } from './join.ts';
import { findKey } from './message-key.ts';
import { readPcap } from './pcap.ts';

/** Where and what tcpdump listens to. */
export interface TapOptions {
  readonly node: LabNode;
  readonly device: string;
  /** As the kernel sees it: `in` is received by the device. */
  readonly flow: 'in' | 'out';
  /** pcap-filter(7). */
  readonly filter: string;
  readonly file: string;
}

/** What it saw. */
export interface TapResult {
  readonly sightings: Sightings;
  /** Packets the kernel had no room for. */
  readonly dropped: number;
}

/** Room for a request in VXLAN, with the context. */
const SNAPSHOT_BYTES = 600;
/** Half a second of the busy round, and small enough to stay in a cache: with 64 MiB the receive taps took 40 ns longer. */
const BUFFER_KIB = 4096;
/** Longer than tcpdump's time-out of 1 s, after which the kernel hands it a block that is not full. */
const LAST_BLOCK_MILLIS = 2000;

/**
 * tcpdump on one device. Without --immediate-mode: that wakes tcpdump for every packet right between its
 * time stamp and the program behind it, which made the interval 2 to 15 µs longer (see README.md).
 */
export class Tap {
  readonly #options: TapOptions;
  readonly #process: LabProcess;

  private constructor(options: TapOptions, process: LabProcess) {
    this.#options = options;
    this.#process = process;
  }

  /** Resolves when it listens. */
  static async start(options: TapOptions): Promise<Tap> {
    const { node, device, flow, filter, file } = options;
    const process = spawnOn(placement.watchers, node, 'tcpdump', [
      ...['-i', device, '-Q', flow, '-s', String(SNAPSHOT_BYTES), '-B', String(BUFFER_KIB)],
      ...['--time-stamp-precision=nano', '-n', '-Z', 'root', '-w', file, filter],
    ]);
    await process.waitForLine(/listening on/);
    return new Tap(options, process);
  }

  /** Ends it, once its last packets have reached it, and reads what it wrote. */
  async stop(vxlanPort: number): Promise<TapResult> {
    await sleep(LAST_BLOCK_MILLIS);
    this.#process.kill('SIGINT');
    await this.#process.exited;
    const summary = this.#process.stderr.lines.join('\n');
    const dropped = /(\d+) packets? dropped by kernel/.exec(summary)?.[1];
    if (dropped === undefined) throw new Error(`tcpdump on ${this.#options.device} ended early: ${summary}`);
    const packets = readPcap(readFileSync(this.#options.file));
    const seen = packets.flatMap(({ frame, timeNs }) => {
      const key = findKey(frame, vxlanPort);
      return key === undefined ? [] : [[key, timeNs] as const];
    });
    return { sightings: collectSightings(seen), dropped: Number(dropped) };
  }
}
