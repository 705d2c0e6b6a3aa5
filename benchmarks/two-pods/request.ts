// SPDX-License-Identifier: Apache-2.0

/** A request as a browser might send it, up to where the context stands. */
export const BEFORE_CONTEXT =
  'GET /reviews/0?page=1 HTTP/1.1\r\nHost: reviews.shop.svc.cluster.local:8080\r\n' +
  'Accept: application/json, text/plain, */*\r\nAccept-Language: en-GB,en;q=0.9\r\n' +
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n' +
  'Connection: keep-alive\r\n';
/** The rest of it. */
export const AFTER_CONTEXT = '\r\n';

/**
 * The n-th request (1 and up) of a round, with a sampled context of its own; requests.lua makes the same.
 * @param salt 16 hex digits that only this round has, not all zero
 */
export function formatRequest(salt: string, n: number): string {
  const id = n.toString(16).padStart(16, '0');
  return `${BEFORE_CONTEXT}traceparent: 00-${salt}${id}-${id}-01\r\n${AFTER_CONTEXT}`;
}

/** A request without a context, which nothing takes note of. */
export function formatWarmUpRequest(): string {
  return BEFORE_CONTEXT + AFTER_CONTEXT;
}
