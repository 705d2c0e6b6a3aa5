// SPDX-License-Identifier: Apache-2.0
import type { Claim, ClaimContent } from './claim.ts';

/** Options of AddressIndex. */
export interface AddressIndexOptions {
  /** How long an ended claim is kept, in milliseconds. Default: 300000. */
  historyMillis?: number;
  /** Most ended claims that are kept; the ones that ended first go first. Default: 65536. */
  maxHistory?: number;
}

/** A claim in the index, with its address. */
export interface HeldClaim extends Claim {
  readonly address: string;
}

/** Memory is counted in claims: fields are all set in the constructor, so that they share one hidden class. */
class MutableClaim implements HeldClaim {
  readonly address: string;
  readonly from: number;
  to = Number.POSITIVE_INFINITY;
  source: Claim['source'];
  pod: Claim['pod'];
  node: Claim['node'];
  service: Claim['service'];
  ports: Claim['ports'];

  constructor(address: string, from: number, content: ClaimContent) {
    this.address = address;
    this.from = from;
    this.source = content.source;
    this.pod = content.pod;
    this.node = content.node;
    this.service = content.service;
    this.ports = content.ports;
  }
}

const NONE: readonly Claim[] = [];

/** Who held which address when. Ended claims are forgotten after a time, the oldest first. */
export class AddressIndex {
  readonly #historyMillis: number;
  readonly #maxHistory: number;
  /** Most addresses have one claim, and then no list. */
  readonly #claims = new Map<string, MutableClaim | MutableClaim[]>();
  /** Ended claims in the order in which they were ended. */
  #ended: MutableClaim[] = [];
  #endedFrom = 0;
  #size = 0;
  #evicted = 0;

  constructor(options: AddressIndexOptions = {}) {
    this.#historyMillis = options.historyMillis ?? 300_000;
    this.#maxHistory = options.maxHistory ?? 65_536;
  }

  /** @param address in the form of canonicalAddress, as everywhere here */
  add(address: string, content: ClaimContent, from: number): HeldClaim {
    const claim = new MutableClaim(address, from, content);
    const others = this.#claims.get(address);
    if (others === undefined) this.#claims.set(address, claim);
    else if (Array.isArray(others)) others.push(claim);
    else this.#claims.set(address, [others, claim]);
    this.#size += 1;
    return claim;
  }

  /** Learns more of the holder of a claim. */
  update(claim: HeldClaim, content: ClaimContent): void {
    Object.assign(claim as MutableClaim, content);
  }

  /** @param to when it was over at the latest */
  end(claim: HeldClaim, to: number, now: number): void {
    (claim as MutableClaim).to = to;
    this.#ended.push(claim as MutableClaim);
    this.sweep(now);
  }

  /** All claims that an address has and had. The result is not to be kept. */
  claimsOf(address: string): readonly Claim[] {
    const claims = this.#claims.get(address);
    if (claims === undefined) return NONE;
    return Array.isArray(claims) ? claims : [claims];
  }

  /** All claims, those of the past included, in no order. */
  *claims(): Generator<Claim, void, undefined> {
    for (const claims of this.#claims.values()) {
      if (Array.isArray(claims)) yield* claims;
      else yield claims;
    }
  }

  /** Forgets what ended too long ago. */
  sweep(now: number): void {
    while (this.#endedFrom < this.#ended.length) {
      const oldest = this.#ended[this.#endedFrom] as MutableClaim;
      const full = this.#ended.length - this.#endedFrom > this.#maxHistory;
      if (!full && oldest.to > now - this.#historyMillis) break;
      if (full) this.#evicted += 1;
      this.#endedFrom += 1;
      this.#delete(oldest);
    }
    if (this.#endedFrom > 1024 && this.#endedFrom * 2 > this.#ended.length) {
      this.#ended = this.#ended.slice(this.#endedFrom);
      this.#endedFrom = 0;
    }
  }

  counters() {
    return {
      addresses: this.#claims.size,
      claims: this.#size,
      claims_ended: this.#ended.length - this.#endedFrom,
      history_evicted: this.#evicted,
    };
  }

  #delete(claim: MutableClaim): void {
    this.#size -= 1;
    const claims = this.#claims.get(claim.address);
    if (!Array.isArray(claims)) {
      this.#claims.delete(claim.address);
      return;
    }
    const rest = claims.filter((other) => other !== claim);
    this.#claims.set(claim.address, rest.length === 1 ? (rest[0] as MutableClaim) : rest);
  }
}
