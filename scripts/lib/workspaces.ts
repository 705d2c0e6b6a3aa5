// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The fields of a package.json that the scripts look at. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly workspaces?: readonly string[];
  readonly os?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One npm workspace. */
export interface Workspace {
  /** Folder relative to the root, with forward slashes: `packages/core`. */
  readonly path: string;
  readonly manifest: PackageJson;
}

/** Reads and parses one package.json. */
export function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}

/** All workspaces named by the root's `workspaces` (plain folders and `folder/*`), sorted by path. */
export function listWorkspaces(root: string): Workspace[] {
  const patterns = readPackageJson(root).workspaces ?? [];
  return patterns
    .flatMap((pattern) => expand(root, pattern))
    .sort()
    .map((path) => ({ path, manifest: readPackageJson(join(root, path)) }));
}

function expand(root: string, pattern: string): string[] {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((path) => existsSync(join(root, path, 'package.json')));
}
