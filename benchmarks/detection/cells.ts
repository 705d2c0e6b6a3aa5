// SPDX-License-Identifier: Apache-2.0

/** Where the context stands in a request, by who wrote it. */
export type FormatName = 'first' | 'haproxy' | 'node' | 'undici' | 'envoy' | 'istio-gateway';

/** A kind of request. */
export interface Cell {
  /** Stands in the request's trace id, so that what is seen of it tells its kind. */
  readonly index: number;
  readonly format: FormatName;
  readonly cookieBytes: number;
}

const formats: readonly FormatName[] = ['first', 'haproxy', 'node', 'undici', 'envoy', 'istio-gateway'];
const cookies = [0, 300, 2048];

export const cells: readonly Cell[] = formats
  .flatMap((format) => cookies.map((cookieBytes) => ({ format, cookieBytes })))
  .map((cell, index) => ({ index, ...cell }));

/** Search windows, in bytes: those of the paper's figure 8, and beyond. */
export const windows = [100, 200, 300, 400, 500, 600, 700, 800, 1024, 2048, 4096, 8192] as const;
/** What the probe searches when it is not told. */
export const DEFAULT_WINDOW = 4096;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * The sampled context of a cell's n-th request, 0 and up.
 * @param salt 16 hex digits that only this round has
 */
export function formatContext(salt: string, cell: number, n: number): string {
  return `00-${salt}${hex(cell, 4)}${hex(n, 12)}-${hex(n + 1, 16)}-01`;
}

/** The cell of a trace id; undefined when another round has sent it, or somebody else. */
export function cellOf(salt: string, traceId: string): number | undefined {
  return traceId.startsWith(salt) ? Number.parseInt(traceId.slice(16, 20), 16) : undefined;
}
