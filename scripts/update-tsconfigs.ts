// SPDX-License-Identifier: Apache-2.0
// Writes every tsconfig.json but the base from the workspaces and their package.json. `--check` writes nothing
// and exits 1 when a file differs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repoRoot } from './lib/paths.ts';
import { getTsconfigs } from './lib/tsconfigs.ts';

const check = process.argv.includes('--check');
let stale = 0;
for (const [path, text] of getTsconfigs(repoRoot)) {
  if (readIfThere(join(repoRoot, path)) === text) continue;
  stale++;
  if (check) process.stderr.write(`hopspan: ${path} is out of date: run node scripts/update-tsconfigs.ts\n`);
  else write(join(repoRoot, path), text);
}
if (check && stale > 0) process.exitCode = 1;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
