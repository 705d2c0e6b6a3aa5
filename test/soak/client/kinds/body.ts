// SPDX-License-Identifier: Apache-2.0
import type { Exchange, Piece } from '../connection.ts';
import { makeRequest, type Request } from '../request.ts';

/**
 * Requests with a body of declared length that has whole requests in it, with contexts of their own. Nobody may take
 * these for requests, not even where one begins a segment.
 */
const FORMS: readonly ((request: Request) => Piece[])[] = [
  ({ bytes }) => [bytes],
  ({ head, body }) => [head, body],
  ({ head, body }) => [Buffer.concat([head, body.subarray(0, PREFIX.length)]), body.subarray(PREFIX.length)],
  ({ head, body }) => [head, 'await-continue', body],
  ({ head, body }) => [head, 'await-response', body],
];
const PREFIX = 'field=value&';
const CONTINUE_FORM = 3;
const EARLY_FORM = 4;

export function body(n: number): Exchange {
  const form = n % FORMS.length;
  const request = makeRequest({
    kind: 'body',
    method: 'POST',
    path: form === EARLY_FORM ? '/early/413' : '/status/200',
    headers: ['Accept: */*', ...(form === CONTINUE_FORM ? ['Expect: 100-continue'] : [])],
    body: [...(form === 1 ? [] : [PREFIX]), 'decoy', 'decoy', 'x'.repeat((n % 40) * 100)],
  });
  const pieces = (FORMS[form] as (request: Request) => Piece[])(request);
  return { requests: [request], pieces };
}
