// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { makeContextsSeeds } from './fuzz-contexts.ts';
import { makeStackSeeds } from './fuzz-frames.ts';
import { makeStreamSeeds } from './fuzz-streams.ts';
import { makeContextSeeds } from './fuzz-texts.ts';
import { repoRoot } from './paths.ts';

/** A program of bpf/fuzz. */
export interface Fuzzer {
  /** `bpf/fuzz/fuzz_NAME.c`. */
  readonly name: string;
  /** Where its seeds are kept. */
  readonly seedDir: string;
  readonly makeSeeds: () => Map<string, Buffer>;
  /** Longest input it makes, in bytes. */
  readonly maxBytes: number;
  /** Pieces that inputs are made of, as libFuzzer's -dict takes them. */
  readonly dictionary?: string;
}

const folder = join(repoRoot, 'bpf/fuzz');

export const fuzzers: readonly Fuzzer[] = [
  {
    name: 'stack',
    seedDir: join(folder, 'corpus/stack'),
    makeSeeds: makeStackSeeds,
    maxBytes: 2048,
  },
  {
    name: 'context',
    seedDir: join(folder, 'corpus/context'),
    makeSeeds: makeContextSeeds,
    // The window at its widest, stale bytes, and the length.
    maxBytes: 8192 + 256 + 2,
    dictionary: join(folder, 'context.dict'),
  },
  {
    name: 'contexts',
    seedDir: join(folder, 'corpus/contexts'),
    makeSeeds: makeContextsSeeds,
    maxBytes: 8192 + 256 + 4,
    dictionary: join(folder, 'contexts.dict'),
  },
  {
    name: 'stream',
    seedDir: join(folder, 'corpus/stream'),
    makeSeeds: makeStreamSeeds,
    // Flags, six requests, eleven cuts, 48 segments.
    maxBytes: 2 + 6 * 4 + 1 + 11 * 2 + 48,
  },
];
