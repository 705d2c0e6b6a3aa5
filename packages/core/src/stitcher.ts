// SPDX-License-Identifier: Apache-2.0
import type { RoundTripPart } from './round-trip-part.ts';
import {
  type Released,
  resolveStitcherLimits,
  type StitcherCounters,
  type StitcherOptions,
} from './stitcher-options.ts';

/** What is known of one request. */
interface Request<Item> {
  readonly openedMillis: number;
  client?: { readonly part: RoundTripPart; readonly item: Item; readonly heldMillis: number };
  server?: RoundTripPart;
  retransmitted: boolean;
  ambiguous: boolean;
  /** What was made of the client's span, once it has been let go. */
  verdict?: Verdict;
}

type Verdict = 'stitched' | 'unmatched' | 'ambiguous' | 'retransmitted' | 'negative';

/** A request is forgotten after this many hold times: parts that come later than that have nothing to meet. */
const LIFE = 3;

/**
 * Joins what two nodes know of one request to the wire round trip, without synchronised clocks: time away from the
 * client's node minus time on the server's node. Each is a difference of one node's clock, so no offset enters.
 * How the round trip divides into there and back cannot be known.
 *
 * Holds clients' spans (as opaque items) for a fixed time, then lets them go with the round trip or without it; never
 * drops one. It has no timer and no clock: `now` is any clock that does not go back, in milliseconds.
 */
export class Stitcher<Item> {
  readonly #release: StitcherOptions<Item>['release'];
  readonly #holdMillis: number;
  readonly #maxRequests: number;
  /** In the order in which their first part came. */
  readonly #requests = new Map<string, Request<Item>>();
  /** Requests whose client's span is held, in the order of its coming. */
  readonly #held = new Set<Request<Item>>();
  readonly #tally = {
    client_parts: 0,
    server_parts: 0,
    stitched: 0,
    unmatched: 0,
    ambiguous: 0,
    retransmitted: 0,
    negative: 0,
    client_duplicates: 0,
    server_duplicates: 0,
    client_refused: 0,
    server_refused: 0,
    joined: 0,
    unjoined: 0,
    remembered: 0,
    late_copies: 0,
  };

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: StitcherOptions<Item>) {
    const { holdMillis, maxRequests } = resolveStitcherLimits(options);
    this.#release = options.release;
    this.#holdMillis = holdMillis;
    this.#maxRequests = maxRequests;
  }

  /**
   * Takes one node's part.
   * @returns true when the item is held: `release` gets it later. false: nothing of it is kept, send it on
   */
  add(part: RoundTripPart, item: Item, nowMillis: number): boolean {
    if (part.role === 'client') return this.#addClient(part, item, nowMillis);
    this.#addServer(part, nowMillis);
    return false;
  }

  /** A retransmitted copy of the request or its response was seen: what is known of it can no longer be joined. */
  noteCopy(key: string): void {
    const request = this.#requests.get(key);
    if (request === undefined) return;
    request.retransmitted = true;
    if (request.verdict === 'stitched') this.#tally.late_copies += 1;
  }

  /** Lets go what was held for long enough, and forgets what is old. Call it often, at least ten times a hold time. */
  advance(nowMillis: number): void {
    this.#letGo((request) => nowMillis - (request.client?.heldMillis ?? 0) >= this.#holdMillis);
    for (const [key, request] of this.#requests) {
      if (nowMillis - request.openedMillis < LIFE * this.#holdMillis || this.#held.has(request)) return;
      this.#forget(key, request);
    }
  }

  /** Lets everything go now, with what is known. */
  flush(): void {
    this.#letGo(() => true);
  }

  counters(): StitcherCounters {
    return { ...this.#tally, held: this.#held.size };
  }

  #addClient(part: RoundTripPart, item: Item, nowMillis: number): boolean {
    this.#tally.client_parts += 1;
    const request = this.#find(part.key, nowMillis);
    if (request === undefined) {
      this.#tally.client_refused += 1;
      return false;
    }
    if (request.client !== undefined) {
      if (request.client.part.spanId === part.spanId) {
        this.#tally.client_duplicates += 1;
      } else {
        request.ambiguous = true;
        this.#tally.ambiguous += 1;
      }
      return false;
    }
    request.client = { part, item, heldMillis: nowMillis };
    request.retransmitted ||= part.retransmission > 0;
    this.#held.add(request);
    return true;
  }

  #addServer(part: RoundTripPart, nowMillis: number): void {
    this.#tally.server_parts += 1;
    const request = this.#find(part.key, nowMillis);
    if (request === undefined) {
      this.#tally.server_refused += 1;
    } else if (request.server?.spanId === part.spanId) {
      this.#tally.server_duplicates += 1;
    } else if (request.verdict !== undefined || request.server !== undefined) {
      request.ambiguous ||= request.server !== undefined;
      this.#tally.unjoined += 1;
    } else {
      request.server = part;
      request.retransmitted ||= part.retransmission > 0;
      this.#tally.remembered += 1;
    }
  }

  #find(key: string, nowMillis: number): Request<Item> | undefined {
    const found = this.#requests.get(key);
    if (found !== undefined || this.#requests.size >= this.#maxRequests) return found;
    const request = { openedMillis: nowMillis, retransmitted: false, ambiguous: false };
    this.#requests.set(key, request);
    return request;
  }

  #letGo(isDue: (request: Request<Item>) => boolean): void {
    const released: Released<Item>[] = [];
    for (const request of this.#held) {
      if (!isDue(request) || request.client === undefined) break;
      this.#held.delete(request);
      released.push({ item: request.client.item, roundTripNs: this.#decide(request) });
    }
    if (released.length > 0) this.#release(released);
  }

  #decide(request: Request<Item>): number | undefined {
    const awayNs = request.client?.part.durationNs ?? 0;
    const roundTripNs = request.server === undefined ? undefined : awayNs - request.server.durationNs;
    request.verdict = verdictOf(request, roundTripNs);
    this.#tally[request.verdict] += 1;
    if (request.server !== undefined) {
      this.#tally.remembered -= 1;
      this.#tally.joined += 1;
    }
    return request.verdict === 'stitched' ? roundTripNs : undefined;
  }

  #forget(key: string, request: Request<Item>): void {
    this.#requests.delete(key);
    if (request.server === undefined || request.verdict !== undefined) return;
    this.#tally.remembered -= 1;
    this.#tally.unjoined += 1;
  }
}

function verdictOf(
  { ambiguous, retransmitted }: Pick<Request<unknown>, 'ambiguous' | 'retransmitted'>,
  roundTripNs: number | undefined,
): Verdict {
  if (ambiguous) return 'ambiguous';
  if (retransmitted) return 'retransmitted';
  if (roundTripNs === undefined) return 'unmatched';
  return roundTripNs < 0 ? 'negative' : 'stitched';
}
