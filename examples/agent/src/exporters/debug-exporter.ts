// SPDX-License-Identifier: Apache-2.0
import type { Counters, Hop, HopConsumer, LostMessage } from '@hopspan/core';
import type { DebugConfig } from '../config/schema.ts';
import { type Passage, renderWaterfall } from './waterfall.ts';

/** Options of DebugExporter. */
export interface DebugExporterOptions {
  readonly verbosity: DebugConfig['verbosity'];
  /** Where the text goes. */
  readonly write: (text: string) => void;
  /** A trace is printed when it has had no hop for this long. Default: 500. */
  readonly quietMillis?: number;
  /** Most traces held back; the oldest is printed early to make room. Default: 1000. */
  readonly maxTraces?: number;
  /** Most hops held back for one trace; then it is printed and begins anew. Default: 1000. */
  readonly maxHopsPerTrace?: number;
}

interface PendingTrace {
  readonly passages: Passage[];
  lastMillis: number;
}

/** Prints hops: `detailed` as one waterfall a trace, `basic` as one line a batch. For people, not for parsing. */
export class DebugExporter implements HopConsumer {
  readonly #options: Required<DebugExporterOptions>;
  readonly #pending = new Map<string, PendingTrace>();
  readonly #counters = { hops: 0, lost: 0, traces_printed: 0, traces_printed_early: 0 };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DebugExporterOptions) {
    this.#options = { quietMillis: 500, maxTraces: 1000, maxHopsPerTrace: 1000, ...options };
  }

  onHops(hops: readonly Hop[]): void {
    if (this.#stopped) return;
    this.#counters.hops += hops.length;
    if (this.#options.verbosity === 'basic') this.#options.write(`${summarize(hops)}\n`);
    else for (const hop of hops) this.#hold(hop);
  }

  onLost(lost: readonly LostMessage[]): void {
    if (this.#stopped) return;
    this.#counters.lost += lost.length;
    if (this.#options.verbosity === 'basic') this.#options.write(`lost: ${lost.length}\n`);
    else for (const message of lost) this.#hold(message);
  }

  counters(): Counters {
    return {
      ...this.#counters,
      queued: [...this.#pending.values()].reduce((sum, { passages }) => sum + passages.length, 0),
    };
  }

  async forceFlush(): Promise<void> {
    for (const traceId of this.#pending.keys()) this.#print(traceId);
  }

  async shutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.forceFlush();
  }

  #hold(passage: Passage): void {
    const { traceId } = passage.context;
    const trace = this.#pending.get(traceId) ?? { passages: [], lastMillis: 0 };
    trace.passages.push(passage);
    trace.lastMillis = performance.now();
    // Deleted first, so that the map stays in the order of the last hop.
    this.#pending.delete(traceId);
    this.#pending.set(traceId, trace);
    if (trace.passages.length >= this.#options.maxHopsPerTrace) this.#printEarly(traceId);
    const oldest = this.#pending.keys().next().value;
    if (this.#pending.size > this.#options.maxTraces && oldest !== undefined) this.#printEarly(oldest);
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#printQuiet();
      if (this.#pending.size > 0) this.#schedule();
    }, this.#options.quietMillis).unref();
  }

  #printQuiet(): void {
    const limit = performance.now() - this.#options.quietMillis;
    for (const [traceId, { lastMillis }] of this.#pending) {
      if (lastMillis > limit) return;
      this.#print(traceId);
    }
  }

  #printEarly(traceId: string): void {
    this.#counters.traces_printed_early += 1;
    this.#print(traceId);
  }

  #print(traceId: string): void {
    const trace = this.#pending.get(traceId);
    this.#pending.delete(traceId);
    if (trace === undefined) return;
    this.#counters.traces_printed += 1;
    this.#options.write(renderWaterfall(trace.passages));
  }
}

function summarize(hops: readonly Hop[]): string {
  const numbers = [...Map.groupBy(hops, ({ direction }) => direction)].map(
    ([key, group]) => `${key} ${group.length}`,
  );
  return `hops: ${hops.length} (${numbers.join(', ')})`;
}
