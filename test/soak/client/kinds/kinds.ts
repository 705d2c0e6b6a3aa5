// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../connection.ts';
import { body } from './body.ts';
import { keepAlive } from './keep-alive.ts';
import { longHeader } from './long-header.ts';
import { pipelined } from './pipelined.ts';
import { split } from './split.ts';

/** The kinds of load, by name: each makes its nth exchange. */
export const kinds = { keepAlive, pipelined, split, longHeader, body } satisfies Record<
  string,
  (n: number) => Exchange
>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as KindName[];
