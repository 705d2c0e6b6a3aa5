// SPDX-License-Identifier: Apache-2.0
import type { TracingPoint } from '@hopspan/core';
import { HopProbeError } from './errors.ts';
import type { WatchedInterface } from './interfaces.ts';

/** An index that was given back, and when it may be given out again. */
interface Released {
  readonly index: number;
  readonly reusableMillis: number;
}

/** Milliseconds on a clock that never steps. */
export type Now = () => number;

/**
 * Which index stands for which tracing point. Index 0 is never given out: it counts what cannot be
 * attributed. An index that was given back rests until the kernel's hop table has forgotten it and records that
 * name it have been read, and its point stays known until it is given out anew.
 */
export class PointTable {
  readonly #known: (TracingPoint | undefined)[] = [undefined];
  readonly #released: Released[] = [];
  readonly #maxPoints: number;
  readonly #restMillis: number;
  readonly #now: Now;

  /** @param restMillis how long the kernel may still name an index that was given back */
  constructor(maxPoints: number, restMillis = 0, now: Now = () => performance.now()) {
    this.#maxPoints = maxPoints;
    this.#restMillis = restMillis;
    this.#now = now;
  }

  /**
   * The two points of a device: its ingress and its egress hook.
   * @throws HopProbeError HOPSPAN_ERR_TOO_MANY_POINTS
   */
  add({ ifindex, ifname, role }: WatchedInterface): TracingPoint[] {
    if (this.#available() < 2) throw this.#full(ifname);
    return (['ingress', 'egress'] as const).map((hook) => {
      const point = { index: this.#nextIndex(), ifindex, ifname, role, hook };
      this.#known[point.index] = point;
      return point;
    });
  }

  release(points: readonly TracingPoint[]): void {
    const reusableMillis = this.#now() + this.#restMillis;
    this.#released.push(...points.map(({ index }) => ({ index, reusableMillis })));
  }

  /** The point that has, or was the last to have, this index. */
  get(index: number): TracingPoint | undefined {
    return this.#known[index];
  }

  /** One more than the highest index that was ever given out. */
  get size(): number {
    return this.#known.length;
  }

  /** Indexes that were never given out, and those that have rested. */
  #available(): number {
    const now = this.#now();
    const rested = this.#released.findIndex(({ reusableMillis }) => reusableMillis > now);
    return this.#maxPoints - this.size + (rested < 0 ? this.#released.length : rested);
  }

  #nextIndex(): number {
    if (this.size < this.#maxPoints) return this.size;
    return this.#released.shift()?.index ?? this.size;
  }

  #full(ifname: string): HopProbeError {
    const resting = this.#released.length;
    const rest =
      resting === 0 ? '' : ` (${resting} of them by devices that have just gone, for ${this.#restMillis} ms)`;
    return new HopProbeError(
      'HOPSPAN_ERR_TOO_MANY_POINTS',
      `watch interface '${ifname}': all ${this.#maxPoints} points are in use${rest}, and a device needs two. Raise maxPoints.`,
    );
  }
}
