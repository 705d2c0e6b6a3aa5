// SPDX-License-Identifier: Apache-2.0
// Sets up, and packs every published package into a folder: what the agent's image is made of.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError, runCommand } from './lib/command.ts';
import { packPackages } from './lib/pack.ts';
import { repoRoot } from './lib/paths.ts';
import { setUp } from './lib/set-up.ts';

await runCommand(async () => {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) throw new CommandError('pack takes one folder to write to');
  await setUp({ tests: false });
  const target = resolve(folder);
  mkdirSync(target, { recursive: true });
  for (const { tarball } of await packPackages(repoRoot, target)) process.stdout.write(`${tarball}\n`);
  return 0;
});
