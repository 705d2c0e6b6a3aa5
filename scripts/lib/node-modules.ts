// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { note } from './command.ts';
import { exec } from './exec.ts';
import type { LockEntry, Lockfile } from './lockfile.ts';

/** Installs what package-lock.json says unless node_modules holds just that. No package's script is run. */
export async function ensureNodeModules(root: string): Promise<void> {
  if (matchesLockfile(root)) return;
  note('installing npm packages');
  await exec('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
}

/** Whether node_modules, by npm's own record of it, holds every entry of the lockfile meant for this platform. */
export function matchesLockfile(root: string): boolean {
  const wanted = readLockfile(join(root, 'package-lock.json'));
  const installed = readLockfile(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted.packages).every(([folder, entry]) => {
    if (!folder.includes('node_modules/') || !isForThisPlatform(entry)) return true;
    const there = installed.packages[folder];
    if (!there) return entry.optional === true;
    return there.version === entry.version && existsSync(join(root, folder, 'package.json'));
  });
}

function isForThisPlatform({ os, cpu }: LockEntry): boolean {
  return (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
}

function readLockfile(path: string): Lockfile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Lockfile;
  } catch {
    return undefined;
  }
}
