// SPDX-License-Identifier: Apache-2.0

/** Headers that carry a trace context, in the order in which contextFirst puts them. Lower case. */
export const CONTEXT_HEADERS: readonly string[] = ['traceparent', 'tracestate', 'b3'];

/**
 * The same headers with those of the trace context in front: then they stand directly behind the request line, where
 * a probe that searches few bytes still finds them. Nothing else moves, nothing is added, changed or joined, and names
 * keep their case; several headers of one name stay in their order. HTTP gives the order of different names no meaning
 * (RFC 9110 §5.3). Hopspan itself does not need it: it searches the whole header section.
 * @param headers pairs of name and value; what else a pair holds is kept
 * @param first lower-case names, in the order wanted. Default: CONTEXT_HEADERS
 * @returns a new list; the pairs in it are the given ones
 */
export function contextFirst<H extends readonly [name: string, ...rest: unknown[]]>(
  headers: readonly H[],
  first: readonly string[] = CONTEXT_HEADERS,
): H[] {
  const rank = ([name]: H): number => {
    const index = first.indexOf(name.toLowerCase());
    return index === -1 ? first.length : index;
  };
  return headers.toSorted((a, b) => rank(a) - rank(b));
}
