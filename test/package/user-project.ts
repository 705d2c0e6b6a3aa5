// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExecResult, exec, tryExec } from '../../scripts/lib/exec.ts';
import { type PackedPackage, packPackages } from '../../scripts/lib/pack.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';

/** The lines of the OpenTelemetry SDK: one folder of fixtures for each. */
export type SdkLine = 'sdk-2' | 'sdk-3';

export const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

/** Options of tsc: as strict as TypeScript gets, also about the declarations of ours and of the SDK. */
export const typeCheck = [
  ...['--noEmit', '--strict', '--skipLibCheck', 'false', '--exactOptionalPropertyTypes'],
  ...['--noUncheckedIndexedAccess', '--verbatimModuleSyntax'],
  ...['--target', 'es2024', '--module', 'nodenext', '--types', 'node', '--allowImportingTsExtensions'],
];

/** Everything that is published, packed; in a folder of its own. */
export class PackedRelease implements Disposable {
  readonly folder: string;
  readonly packages: readonly PackedPackage[];

  private constructor(folder: string, packages: readonly PackedPackage[]) {
    this.folder = folder;
    this.packages = packages;
  }

  static async make(): Promise<PackedRelease> {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-package-'));
    return new PackedRelease(folder, await packPackages(repoRoot, folder));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A project of a user: an empty folder into which the packed packages were installed. */
export class UserProject {
  readonly folder: string;
  /** What npm said when it installed. */
  readonly installed: ExecResult;
  readonly #env: Record<string, string>;

  private constructor(folder: string, installed: ExecResult, env: Record<string, string>) {
    this.folder = folder;
    this.installed = installed;
    this.#env = env;
  }

  /** Installs packages of the release beside one line of the SDK. Look at `installed` for how that went. */
  static async create(release: PackedRelease, line: SdkLine, names: readonly string[]): Promise<UserProject> {
    const folder = join(release.folder, line);
    cpSync(join(fixtures, line), folder, { recursive: true });
    copyFileSync(join(fixtures, 'use-hopspan.ts'), join(folder, 'use-hopspan.ts'));
    const env = { PATH: await makePath(release.folder), CC: 'false', CXX: 'false' };
    const tarballs = release.packages.filter(({ workspace }) => names.includes(workspace.manifest.name));
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const installed = await tryExec('npm', [...args, ...tarballs.map(({ tarball }) => tarball)], {
      cwd: folder,
      env,
    });
    return new UserProject(folder, installed, env);
  }

  /** Runs a program in the project, with nothing on the path that could compile. */
  run(file: string, ...args: string[]): Promise<ExecResult> {
    return tryExec(file, args, { cwd: this.folder, env: this.#env });
  }
}

/** A folder with what npm takes and nothing else: no compiler, no make, no Python. */
async function makePath(parent: string): Promise<string> {
  const folder = join(parent, 'bin');
  mkdirSync(folder, { recursive: true });
  const npm = (await exec('sh', ['-c', 'command -v npm'])).trim();
  const programs = { node: process.execPath, npm, sh: '/bin/sh' };
  for (const [name, target] of Object.entries(programs)) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(target, join(folder, name));
  }
  return folder;
}
