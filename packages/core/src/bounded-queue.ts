// SPDX-License-Identifier: Apache-2.0
import { checkInteger } from './check-option.ts';

/** A first-in, first-out queue that never holds more than `capacity` items and never blocks. */
export class BoundedQueue<T> {
  readonly capacity: number;
  #slots: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION when `capacity` is not an integer of at least 1 */
  constructor(capacity: number) {
    this.capacity = checkInteger('BoundedQueue', 'capacity', capacity, { min: 1 });
  }

  get length(): number {
    return this.#length;
  }

  /** Adds an item at the end. @returns false, and leaves the queue as it is, when it is full */
  push(item: T): boolean {
    if (this.#length === this.capacity) return false;
    // Slots are made as they are needed: an idle queue of 16,384 costs nothing.
    const tail = this.#head + this.#length;
    this.#slots[tail < this.capacity ? tail : tail - this.capacity] = item;
    this.#length += 1;
    return true;
  }

  /** Removes up to `max` items from the front, oldest first. */
  take(max: number): T[] {
    const count = Math.min(max, this.#length);
    const items = new Array<T>(count);
    for (let i = 0; i < count; i += 1) {
      items[i] = this.#slots[this.#head] as T;
      this.#slots[this.#head] = undefined;
      this.#head = this.#head + 1 === this.capacity ? 0 : this.#head + 1;
    }
    this.#length -= count;
    if (this.#length === 0) this.#head = 0;
    return items;
  }
}
