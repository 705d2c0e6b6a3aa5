// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { exec } from './exec.ts';
import { listWorkspaces, type Workspace } from './workspaces.ts';

/** A package as `npm publish` would send it. */
export interface PackedPackage {
  readonly workspace: Workspace;
  /** Absolute path of the tarball. */
  readonly tarball: string;
  /** Size of the tarball in bytes. */
  readonly size: number;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** Packs every published workspace into a folder. They must have been built. */
export async function packPackages(root: string, folder: string): Promise<PackedPackage[]> {
  const packed: PackedPackage[] = [];
  for (const workspace of listWorkspaces(root)) {
    if (!workspace.manifest.private) packed.push(await pack(root, workspace, folder));
  }
  return packed;
}

async function pack(root: string, workspace: Workspace, folder: string): Promise<PackedPackage> {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const stdout = await exec('npm', args, { cwd: join(root, workspace.path) });
  const [report] = JSON.parse(stdout) as [{ filename: string; size: number; files: { path: string }[] }];
  const files = report.files.map(({ path }) => path);
  return { workspace, tarball: join(folder, report.filename), size: report.size, files };
}
