// SPDX-License-Identifier: Apache-2.0

/** What one node contributes to a wire round trip, taken from a span that carries a latency budget. */
export interface RoundTripPart {
  /** `client`: time away from the node. `server`: time from the request's arrival at the node until the response left. */
  readonly role: 'client' | 'server';
  /** Equal for the parts of one request on both nodes, and for nothing else: see roundTripKey. */
  readonly key: string;
  /** Which span it came on: the same one twice is a repeated delivery. */
  readonly spanId: string;
  /** Nanoseconds of the node's own clock. */
  readonly durationNs: number;
  /** 0, or the highest number of a retransmitted copy that the node had seen. */
  readonly retransmission: number;
}

/**
 * The key that both nodes' parts share.
 * @param traceId as on the span
 * @param parentSpanId the span id that was in the packet
 * @param requestPosition stream position of the request: tells requests with one context apart, on one connection
 *   or on two (a proxy that hands the header on)
 */
export function roundTripKey(traceId: string, parentSpanId: string, requestPosition: number): string {
  return `${traceId}${parentSpanId}${requestPosition}`;
}
