// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../connection.ts';
import { makeRequest } from '../request.ts';

const STATUSES = [200, 200, 200, 201, 204, 304, 404, 500, 503];

/** One request after the other: every status, HEAD now and then, some not sampled, some without a context. */
export function keepAlive(n: number): Exchange {
  const request = makeRequest({
    kind: 'keepAlive',
    method: n % 11 === 10 ? 'HEAD' : 'GET',
    path: n % 13 === 12 ? '/decoy/200' : `/status/${STATUSES[n % STATUSES.length]}`,
    context: n % 10 === 9 ? 'unsampled' : n % 20 === 8 ? 'none' : 'sampled',
  });
  return { requests: [request], pieces: [request.bytes] };
}
