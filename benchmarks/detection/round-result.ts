// SPDX-License-Identifier: Apache-2.0

/** What the client is to send: `requests` of each cell. */
export interface ClientPlan {
  readonly host: string;
  readonly port: number;
  readonly salt: string;
  readonly requests: number;
}

/** Trace ids of the hops that the probe of a node reported. */
export interface ProbeResult {
  readonly traceIds: readonly string[];
}

/** What the server read, by cell. */
export interface ServerResult {
  /** Bytes from the first of a request to the end of the context's line; the largest of all. */
  readonly contextEndBytes: Readonly<Record<number, number>>;
}

/** One window: the share of each cell's requests that both nodes reported a hop of, 0 … 1. */
export interface RoundResult {
  readonly window: number;
  readonly detected: ReadonlyMap<number, number>;
}
