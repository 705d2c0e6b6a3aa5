// SPDX-License-Identifier: Apache-2.0
import type { TracingPoint } from '@hopspan/core';
import { HopProbeError } from './errors.ts';
import type { WatchedInterface } from './interfaces.ts';

/**
 * Which index stands for which tracing point. Index 0 is never given out: it counts what cannot be
 * attributed. An index that is free again is the last to be given out anew, and its point stays known
 * until then, so that records still in the rings find it.
 */
export class PointTable {
  readonly #known: (TracingPoint | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #maxPoints: number;

  constructor(maxPoints: number) {
    this.#maxPoints = maxPoints;
  }

  /**
   * The two points of a device: its ingress and its egress hook.
   * @throws HopProbeError HOPSPAN_ERR_TOO_MANY_POINTS
   */
  add({ ifindex, ifname, role }: WatchedInterface): TracingPoint[] {
    const left = this.#maxPoints - this.#known.length + this.#free.length;
    if (left < 2) throw this.#full(ifname);
    return (['ingress', 'egress'] as const).map((hook) => {
      const point = { index: this.#nextIndex(), ifindex, ifname, role, hook };
      this.#known[point.index] = point;
      return point;
    });
  }

  release(points: readonly TracingPoint[]): void {
    this.#free.push(...points.map(({ index }) => index));
  }

  /** The point that has, or was the last to have, this index. */
  get(index: number): TracingPoint | undefined {
    return this.#known[index];
  }

  /** One more than the highest index that was ever given out. */
  get size(): number {
    return this.#known.length;
  }

  #nextIndex(): number {
    if (this.#known.length < this.#maxPoints) return this.#known.length;
    return this.#free.shift() ?? this.#known.length;
  }

  #full(ifname: string): HopProbeError {
    return new HopProbeError(
      'HOPSPAN_ERR_TOO_MANY_POINTS',
      `watch interface '${ifname}': all ${this.#maxPoints} points are in use, and a device needs two. Raise maxPoints.`,
    );
  }
}
