// SPDX-License-Identifier: Apache-2.0
import { checkNumber } from './check-option.ts';
import type { HopProcessor } from './component.ts';
import type { Hop, PacketContext } from './hop.ts';
import type { LostMessage } from './lost-message.ts';
import { parseTraceState } from './trace-state.ts';

/** Options of ProbabilisticSampler. */
export interface ProbabilisticSamplerOptions {
  /** Which part of all traces is kept, 0 to 100. */
  samplingPercentage: number;
}

/** Bits of randomness of a trace id (W3C Trace Context level 2), as hexadecimal digits. */
const DIGITS = 14;
const ALL = 2 ** 56;
/** Explicit randomness in OpenTelemetry's member of the tracestate. */
const RANDOMNESS = /(?:^|;)rv:([0-9a-f]{14})(?:;|$)/;

/**
 * Keeps the hops of a part of all traces, and of a trace all or none, on each node and in each process alike:
 * OpenTelemetry's consistent probability sampling. A trace is kept when the last 56 bits of its id, or the `rv` in
 * its tracestate, are not below the threshold 2⁵⁶ × (1 − probability). Whoever samples the same way, as the
 * Collector's probabilistic_sampler does by default, keeps the same traces at the same percentage, and some more at a higher one.
 */
export class ProbabilisticSampler implements HopProcessor {
  readonly #counters = { hops: 0, hops_not_sampled: 0, lost: 0, lost_not_sampled: 0 };
  /** Compared as text, which has the same order; undefined: none is kept. */
  #threshold: string | undefined;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: ProbabilisticSamplerOptions) {
    this.#threshold = thresholdOf(options);
  }

  /** Keeps another part from now on. @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  configure(options: ProbabilisticSamplerOptions): void {
    this.#threshold = thresholdOf(options);
  }

  process(hops: readonly Hop[]): readonly Hop[] {
    const kept = hops.filter(({ context }) => this.#keeps(context));
    this.#counters.hops += hops.length;
    this.#counters.hops_not_sampled += hops.length - kept.length;
    return kept;
  }

  processLost(lost: readonly LostMessage[]): readonly LostMessage[] {
    const kept = lost.filter(({ context }) => this.#keeps(context));
    this.#counters.lost += lost.length;
    this.#counters.lost_not_sampled += lost.length - kept.length;
    return kept;
  }

  counters() {
    return { ...this.#counters };
  }

  async forceFlush(): Promise<void> {
    // Nothing is held back.
  }

  async shutdown(): Promise<void> {
    // Nothing is open.
  }

  #keeps({ traceId, traceState }: PacketContext): boolean {
    if (this.#threshold === undefined) return false;
    const explicit = traceState === undefined ? undefined : explicitRandomness(traceState);
    return (explicit ?? traceId.slice(-DIGITS)) >= this.#threshold;
  }
}

function explicitRandomness(traceState: string): string | undefined {
  return RANDOMNESS.exec(parseTraceState(traceState)?.get('ot') ?? '')?.[1];
}

function thresholdOf({ samplingPercentage }: ProbabilisticSamplerOptions): string | undefined {
  checkNumber('ProbabilisticSampler', 'samplingPercentage', samplingPercentage, { min: 0, max: 100 });
  if (samplingPercentage === 0) return undefined;
  // The Collector reads a 32-bit number.
  const kept = Math.max(Math.round((Math.fround(samplingPercentage) / 100) * ALL), 1);
  return (BigInt(ALL) - BigInt(kept)).toString(16).padStart(DIGITS, '0');
}
