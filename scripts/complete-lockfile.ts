// SPDX-License-Identifier: Apache-2.0
// Run after every `npm install` that changes package-lock.json: enters the optional packages of other platforms
// that npm left out, and says which.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeLockfile, findMissingOptionals, type Lockfile } from './lib/lockfile.ts';
import { repoRoot } from './lib/paths.ts';

const path = join(repoRoot, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8')) as Lockfile;
const missing = findMissingOptionals(lock);
if (missing.length > 0) writeFileSync(path, `${JSON.stringify(completeLockfile(lock), null, 2)}\n`);
for (const { name, range } of missing) process.stderr.write(`package-lock.json: entered ${name} ${range}\n`);
