// SPDX-License-Identifier: Apache-2.0
import type { AddressIndex, HeldClaim } from './address-index.ts';
import { canonicalAddress } from './address-text.ts';
import { type ClaimContent, sameHolder } from './claim.ts';

/** A claim that an object makes. */
export interface Wanted extends ClaimContent {
  readonly address: string;
  /** When it began, where the object tells; else when the object may have come to make it. */
  readonly from?: number;
}

interface Entry<T> {
  value: T;
  claims: readonly HeldClaim[];
  generation: number;
}

/** The objects of one kind with the claims that they make; a new version of an object changes only what differs. */
export class ClaimStore<T> {
  readonly #index: AddressIndex;
  readonly #entries = new Map<string, Entry<T>>();
  #generation = 0;

  constructor(index: AddressIndex) {
    this.#index = index;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  *values(): Generator<T, void, undefined> {
    for (const { value } of this.#entries.values()) yield value;
  }

  replaceBegin(): void {
    this.#generation += 1;
  }

  /** @returns what is gone: not one of the objects upserted since replaceBegin */
  replaceEnd(now: number): T[] {
    const gone = [...this.#entries].filter(([, { generation }]) => generation !== this.#generation);
    return gone.flatMap(([key]) => this.remove(key, now) ?? []);
  }

  /**
   * @param from begin of claims that do not tell their own
   * @param endedAt when claims that are no longer made were over
   */
  upsert(key: string, value: T, wanted: readonly Wanted[], from: number, endedAt: number, now: number): void {
    const held = Map.groupBy(this.#entries.get(key)?.claims ?? [], ({ address }) => address);
    const kept = new Set<HeldClaim>();
    for (const { address, from: own, ...content } of wanted) {
      const text = canonicalAddress(address);
      const old = held.get(text)?.find((claim) => sameHolder(claim, content));
      if (old !== undefined) this.#index.update(old, content);
      kept.add(old ?? this.#index.add(text, content, own ?? from));
    }
    for (const claim of this.#entries.get(key)?.claims ?? []) {
      if (!kept.has(claim)) this.#index.end(claim, endedAt, now);
    }
    const claims = [...kept];
    this.#entries.set(key, { value, claims, generation: this.#generation });
  }

  remove(key: string, now: number, endedAt = now): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    for (const claim of entry.claims) this.#index.end(claim, endedAt, now);
    return entry.value;
  }
}
