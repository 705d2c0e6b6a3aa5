// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../connection.ts';
import { makeRequest } from '../request.ts';

/** Two to eight requests in one write, and thereby in one segment; every fourth has a body with a decoy. */
export function pipelined(n: number): Exchange {
  const requests = Array.from({ length: 2 + (n % 7) }, (_, i) =>
    makeRequest({
      kind: 'pipelined',
      path: `/status/${[200, 404, 503][i % 3]}`,
      context: (n + i) % 9 === 8 ? 'unsampled' : 'sampled',
      ...(i % 4 === 3 && { method: 'POST', body: ['field=value&', 'decoy', 'more'] }),
    }),
  );
  return { requests, pieces: [Buffer.concat(requests.map(({ bytes }) => bytes))] };
}
