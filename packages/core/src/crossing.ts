// SPDX-License-Identifier: Apache-2.0
import type { Hop, PointRole, Sighting } from './hop.ts';

/**
 * One message's way through a node: when it came in and when it went out, at a vport or NIC; what it passes in between
 * does not matter. Hops may come in any order. Of several copies the first that crossed counts, as that is when the
 * message first left, or first arrived.
 */
export class Crossing {
  #copy = Number.POSITIVE_INFINITY;
  #enteredNs: bigint | undefined;
  #leftNs: bigint | undefined;
  #enteredAt: PointRole | undefined;
  #leftAt: PointRole | undefined;
  /** Highest number of a copy that was seen. */
  retransmission = 0;

  note({ from, to, retransmission }: Hop): void {
    if (retransmission > this.retransmission) this.retransmission = retransmission;
    if (retransmission > this.#copy) return;
    if (retransmission < this.#copy) {
      this.#copy = retransmission;
      this.#enteredNs = undefined;
      this.#leftNs = undefined;
    }
    this.#see(from);
    this.#see(to);
  }

  /** Whether any hop of the message was seen. */
  get seen(): boolean {
    return this.#copy !== Number.POSITIVE_INFINITY;
  }

  get enteredNs(): bigint | undefined {
    return this.#enteredNs;
  }

  get leftNs(): bigint | undefined {
    return this.#leftNs;
  }

  /** Where it came in and where it went out, as `vport-nic`. */
  get way(): `${PointRole}-${PointRole}` | undefined {
    if (this.#enteredAt === undefined || this.#leftAt === undefined) return undefined;
    return `${this.#enteredAt}-${this.#leftAt}`;
  }

  /** On a bond a message passes two NICs: the outer one is the first on its way in, the last on its way out. */
  #see({ point, monotonicNs }: Sighting): void {
    if (point.role !== 'nic' && point.role !== 'vport') return;
    if (point.hook === 'ingress') {
      if (this.#enteredNs !== undefined && monotonicNs >= this.#enteredNs) return;
      this.#enteredNs = monotonicNs;
      this.#enteredAt = point.role;
    } else {
      if (this.#leftNs !== undefined && monotonicNs <= this.#leftNs) return;
      this.#leftNs = monotonicNs;
      this.#leftAt = point.role;
    }
  }
}
