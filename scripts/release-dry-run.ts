// SPDX-License-Identifier: Apache-2.0
// Packs all packages as a release would and looks at the tarballs; publishes nothing. --json prints one object.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, note, runCommand } from './lib/command.ts';
import { exec, tryExec } from './lib/exec.ts';
import { type PackedPackage, packPackages } from './lib/pack.ts';
import { findPackageFaults } from './lib/package-faults.ts';
import { repoRoot } from './lib/paths.ts';
import { setUp } from './lib/set-up.ts';

interface Row {
  readonly name: string;
  readonly version: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly faults: readonly string[];
}

await runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => arg !== '--json');
  if (unknown !== undefined)
    throw new CommandError(`release-dry-run does not know '${unknown}': it takes --json`);
  await setUp({ tests: false });
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-release-'));
  try {
    const rows = await inspectAll(folder);
    process.stdout.write(
      args.includes('--json') ? `${JSON.stringify({ packages: rows })}\n` : formatTable(rows),
    );
    return rows.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function inspectAll(folder: string): Promise<Row[]> {
  const { version } = JSON.parse(readFileSync(join(repoRoot, 'lerna.json'), 'utf8')) as { version: string };
  note('packing');
  const all = await packPackages(repoRoot, folder);
  await checkLerna(all);
  const rows: Row[] = [];
  for (const packed of all) rows.push(await inspect(packed, version));
  return rows;
}

/** Lerna must publish just the workspaces that are not private. */
async function checkLerna(all: readonly PackedPackage[]): Promise<void> {
  const args = ['ls', '--json', '--loglevel', 'error'];
  const listed = JSON.parse(await exec('node_modules/.bin/lerna', args)) as { name: string }[];
  const names = (list: readonly { name: string }[]): string =>
    list
      .map(({ name }) => name)
      .sort()
      .join(' ');
  const ours = names(all.map(({ workspace }) => workspace.manifest));
  if (names(listed) !== ours)
    throw new CommandError(`lerna would publish ${names(listed)}, expected ${ours}`);
}

async function inspect(packed: PackedPackage, version: string): Promise<Row> {
  const { manifest, path } = packed.workspace;
  const faults = findPackageFaults(packed, version, (file) => existsSync(join(repoRoot, path, file)));
  const { status, output } = await tryExec('node_modules/.bin/publint', ['run', packed.tarball, '--strict']);
  if (status !== 0) faults.push(`publint: ${output.trim()}`);
  return {
    name: manifest.name,
    version: manifest.version,
    files: packed.files.length,
    sizeBytes: packed.size,
    faults,
  };
}

function formatTable(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, version, files, sizeBytes, faults }) => [
    `${name.padEnd(22)}${version.padEnd(10)}${String(files).padStart(5)} files${(sizeBytes / 1024).toFixed(1).padStart(9)} KiB  ${faults.length === 0 ? 'ok' : 'FAIL'}`,
    ...faults.map((fault) => `  ${fault}`),
  ]);
  return `${lines.join('\n')}\n`;
}
