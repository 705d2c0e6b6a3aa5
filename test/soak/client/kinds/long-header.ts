// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../connection.ts';
import { makeRequest } from '../request.ts';

/** Length of the request's head, bytes. */
const HEAD_BYTES = 4096;
const HEADERS = 16;

/** A head of 4,096 bytes, the context anywhere between its headers, the last place included. */
export function longHeader(n: number): Exchange {
  const contextAt = n % (HEADERS + 1);
  const bare = makeRequest({ kind: '', headers: headersOf(0), contextAt }).bytes.length;
  const request = makeRequest({ kind: 'longHeader', headers: headersOf(HEAD_BYTES - bare), contextAt });
  return { requests: [request], pieces: [request.bytes] };
}

/** Sixteen headers with so many bytes of value altogether. */
function headersOf(bytes: number): string[] {
  const each = Math.floor(bytes / HEADERS);
  return Array.from({ length: HEADERS }, (_, i) => {
    const length = i === 0 ? bytes - each * (HEADERS - 1) : each;
    return `X-Field-${String(i).padStart(2, '0')}: ${'v'.repeat(length)}`;
  });
}
