// SPDX-License-Identifier: Apache-2.0

/** What the paced client is to send. */
export interface ClientPlan {
  readonly host: string;
  readonly port: number;
  /** See formatRequest. */
  readonly salt: string;
  /** Requests per second. */
  readonly rate: number;
  readonly requests: number;
  /** Requests without a context before the first: connections, neighbours and code paths are warm then. */
  readonly warmUpRequests: number;
  /** Connections that the requests are spread over; one request at a time each. */
  readonly connections: number;
}

/** What came of it. */
export interface ClientResult {
  readonly requests: number;
  /** Requests per second. */
  readonly rate: number;
}
