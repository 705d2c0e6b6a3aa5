// SPDX-License-Identifier: Apache-2.0
import { diag } from '@opentelemetry/api';
import { checkInteger } from './check-option.ts';
import { type ClockSource, processClockSource } from './clock-source.ts';
import type { Counters } from './component.ts';

/** Wall time for kernel time. */
export interface Clock {
  /**
   * CLOCK_REALTIME − CLOCK_MONOTONIC in nanoseconds, measured at most `intervalMillis` ago. Take it once
   * per batch and use the same one for both ends of a hop.
   */
  offsetNs(): bigint;
  /** The source's monotonic clock, nanoseconds. */
  monotonicNs(): bigint;
  /** `measurements`, and `steps`: how often wall time jumped by more than the threshold. */
  counters(): Counters;
}

/** Options of createClock. */
export interface ClockOptions {
  /** Where time comes from. Default: processClockSource. */
  source?: ClockSource;
  /** Age at which an offset is measured anew, in milliseconds, 1 to 1000. Default: 1000. */
  intervalMillis?: number;
  /** Bracketing reads per measurement; the tightest one counts. Default: 8. */
  samples?: number;
  /** A change of the offset beyond this, in nanoseconds, is counted and logged. Default: 1000000. */
  stepThresholdNs?: number;
}

/** The defaults of createClock. */
export function getClockDefaults(): Required<ClockOptions> {
  return { source: processClockSource, intervalMillis: 1000, samples: 8, stepThresholdNs: 1_000_000 };
}

/**
 * The offset changes only when somebody sets the clock: NTP slews both clocks alike. So it is measured
 * when it is asked for and too old, without a timer, and a change beyond the threshold is a step.
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION
 */
export function createClock(options: ClockOptions = {}): Clock {
  const defaults = getClockDefaults();
  const source = options.source ?? defaults.source;
  const intervalMillis = options.intervalMillis ?? defaults.intervalMillis;
  const samples = options.samples ?? defaults.samples;
  const threshold = options.stepThresholdNs ?? defaults.stepThresholdNs;
  return new OffsetClock(source, {
    intervalNs:
      BigInt(checkInteger('createClock', 'intervalMillis', intervalMillis, { min: 1, max: 1000 })) *
      1_000_000n,
    samples: checkInteger('createClock', 'samples', samples, { min: 1, max: 1000 }),
    stepNs:
      BigInt(checkInteger('createClock', 'stepThresholdNs', threshold, { min: 1 })) +
      (source.realtimeResolutionNs ?? 1n),
  });
}

interface OffsetClockConfig {
  readonly intervalNs: bigint;
  readonly samples: number;
  readonly stepNs: bigint;
}

interface Measurement {
  readonly offsetNs: bigint;
  readonly atNs: bigint;
}

class OffsetClock implements Clock {
  readonly #source: ClockSource;
  readonly #config: OffsetClockConfig;
  #last: Measurement | undefined;
  #measurements = 0;
  #steps = 0;

  constructor(source: ClockSource, config: OffsetClockConfig) {
    this.#source = source;
    this.#config = config;
  }

  monotonicNs(): bigint {
    return this.#source.monotonicNs();
  }

  offsetNs(): bigint {
    const last = this.#last;
    if (last !== undefined && this.#source.monotonicNs() - last.atNs < this.#config.intervalNs) {
      return last.offsetNs;
    }
    const next = measure(this.#source, this.#config.samples);
    this.#measurements += 1;
    if (last !== undefined) this.#watchForStep(next.offsetNs - last.offsetNs);
    this.#last = next;
    return next.offsetNs;
  }

  counters(): Counters {
    return { measurements: this.#measurements, steps: this.#steps };
  }

  #watchForStep(changeNs: bigint): void {
    const size = changeNs < 0n ? -changeNs : changeNs;
    if (size <= this.#config.stepNs) return;
    this.#steps += 1;
    diag.warn(`hopspan clock: wall time was stepped by ${changeNs} ns; later hops are dated by the new time`);
  }
}

function measure(source: ClockSource, samples: number): Measurement {
  let best: (Measurement & { bracketNs: bigint }) | undefined;
  for (let i = 0; i < samples; i += 1) {
    const before = source.monotonicNs();
    const realtime = source.realtimeNs();
    const after = source.monotonicNs();
    const bracketNs = after - before;
    if (best !== undefined && bracketNs >= best.bracketNs) continue;
    best = { offsetNs: realtime - (before + bracketNs / 2n), atNs: after, bracketNs };
  }
  return best as Measurement;
}
