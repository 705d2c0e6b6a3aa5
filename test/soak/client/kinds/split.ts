// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../connection.ts';
import { makeRequest, type RequestShape } from '../request.ts';

const SHAPES: readonly Omit<RequestShape, 'kind'>[] = [
  { contextAt: 0 },
  { headers: ['Accept: */*', `Cookie: session=${'0123456789'.repeat(12)}`] },
  { method: 'POST', body: ['field=value&', 'decoy', 'more'] },
];
/** A prime: its multiples come by every position of a request before one comes again. */
const STRIDE = 7919;
/** One in so many is sent byte by byte. */
const DRIBBLE_EVERY = 97;

/** One request in two or three segments, cut at every byte in turn. */
export function split(n: number): Exchange {
  const request = makeRequest({ kind: 'split', ...SHAPES[n % SHAPES.length] });
  const turn = Math.floor(n / SHAPES.length);
  const { bytes } = request;
  const last = bytes.length - 1;
  const cut = 1 + ((turn * STRIDE) % last);
  const other = 1 + ((turn * STRIDE + Math.floor(last / 2)) % last);
  const cuts = turn % 4 === 3 ? [Math.min(cut, other), Math.max(cut, other)] : [cut];
  const dribbled = n % DRIBBLE_EVERY === DRIBBLE_EVERY - 1;
  return { requests: [request], pieces: cutAt(bytes, dribbled ? everyByte(bytes) : cuts) };
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts, bytes.length];
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

function everyByte(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
}
