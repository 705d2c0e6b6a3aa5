// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of the fuzzers to bpf/fuzz/corpus, which then holds nothing else.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fuzzers } from './lib/fuzzers.ts';

for (const { seedDir, makeSeeds } of fuzzers) {
  rmSync(seedDir, { recursive: true, force: true });
  mkdirSync(seedDir, { recursive: true });
  for (const [name, bytes] of makeSeeds()) writeFileSync(join(seedDir, name), bytes);
}
