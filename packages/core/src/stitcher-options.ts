// SPDX-License-Identifier: Apache-2.0
import { checkInteger } from './check-option.ts';
import type { Counters } from './component.ts';

/** What became of a span that was held. */
export interface Released<Item> {
  readonly item: Item;
  /** Wire round trip in nanoseconds; undefined where it could not be told, and the counters say why. */
  readonly roundTripNs: number | undefined;
}

/** Options of Stitcher. */
export interface StitcherOptions<Item> {
  /** Gets every item that was held, once. Must not throw. Required. */
  release: (released: readonly Released<Item>[]) => void;
  /**
   * How long a client's span is held for the server's part, and for word of retransmitted copies, in milliseconds;
   * a server's part is remembered for at least as long. Default: 5000.
   */
  holdMillis?: number;
  /** Most requests of which parts are held or remembered. Default: 65536. */
  maxRequests?: number;
}

/**
 * Counters of Stitcher. At every moment
 * client_parts = stitched + unmatched + ambiguous + retransmitted + negative + client_duplicates + client_refused + held
 * server_parts = joined + unjoined + server_duplicates + server_refused + remembered
 */
export interface StitcherCounters extends Counters {
  /** Spans with a client's budget, and with a server's. */
  readonly client_parts: number;
  readonly server_parts: number;
  /** Round trips made. */
  readonly stitched: number;
  /** Clients' spans for which no server's part came in time. */
  readonly unmatched: number;
  /** Clients' spans not stitched because two different spans claim to be the same end of one request. */
  readonly ambiguous: number;
  /** Clients' spans not stitched because a copy was retransmitted: nobody knows which copy the other node saw. */
  readonly retransmitted: number;
  /** Clients' spans not stitched because the server's node had the request for longer than the client's was without it. */
  readonly negative: number;
  /** Spans that were delivered twice. */
  readonly client_duplicates: number;
  readonly server_duplicates: number;
  /** Parts that found the table full: their spans went on at once. */
  readonly client_refused: number;
  readonly server_refused: number;
  /** Clients' spans held now. */
  readonly held: number;
  /** Servers' parts that were there when their client's span was let go. */
  readonly joined: number;
  /** Servers' parts that no client's span came for, that came too late for it, or that came beside another. */
  readonly unjoined: number;
  /** Servers' parts remembered now. */
  readonly remembered: number;
  /** Retransmitted copies told of after their round trip had been made, which is then too long. */
  readonly late_copies: number;
}

type Limits = Required<Pick<StitcherOptions<unknown>, 'holdMillis' | 'maxRequests'>>;

/** The defaults of Stitcher; `release` has none. */
export function getStitcherDefaults(): Limits {
  return { holdMillis: 5000, maxRequests: 65_536 };
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function resolveStitcherLimits(options: Partial<Limits>): Limits {
  const defaults = getStitcherDefaults();
  const atLeastOne = (name: keyof Limits, max: number) =>
    checkInteger('Stitcher', name, options[name] ?? defaults[name], { min: 1, max });
  return {
    holdMillis: atLeastOne('holdMillis', 3_600_000),
    maxRequests: atLeastOne('maxRequests', 10_000_000),
  };
}
