// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { note } from './command.ts';
import { ensurePackages } from './debian-packages.ts';
import { exec } from './exec.ts';
import { withLock } from './lock.ts';
import { ensureNodeModules } from './node-modules.ts';
import { cacheDir, repoRoot } from './paths.ts';
import { baseRequirements, type Requirement, testRequirements } from './requirements.ts';
import { listWorkspaces } from './workspaces.ts';

export interface SetUpOptions {
  /** Whether tests or benchmarks are to be run, which need more programs than the demo. */
  readonly tests: boolean;
  /** What it takes besides. Default: nothing. */
  readonly requirements?: readonly Requirement[];
}

/**
 * Brings the tree from a fresh clone to where everything runs: Debian packages, npm packages, BPF object, native
 * addon, TypeScript. What is there already is left alone, so that it may be called at every start; a second
 * call, also of another process, waits for the first. Until it has resolved nothing of the workspaces, or of
 * node_modules, may be imported: import what needs them dynamically.
 * @throws CommandError
 */
export async function setUp({ tests, requirements = [] }: SetUpOptions): Promise<void> {
  await withLock(join(cacheDir, 'set-up.lock'), async () => {
    await ensurePackages([...baseRequirements, ...(tests ? testRequirements : []), ...requirements]);
    await ensureNodeModules(repoRoot);
    await buildAll();
  });
}

/** Builds the BPF object, the native addon and the published packages, each only where out of date. */
export async function buildAll(): Promise<void> {
  await step('building the BPF programs', 'make', ['-s', '-C', 'bpf']);
  await step('building the native addon', 'make', ['-s', '-C', 'packages/bpf-probe/native']);
  const published = listWorkspaces(repoRoot).flatMap(({ path, manifest }) =>
    manifest.private ? [] : [path],
  );
  await step('building the TypeScript packages', 'node_modules/.bin/tsc', ['-b', ...published]);
}

/** How long a step may take before it is worth a line. */
const quietMillis = 300;

async function step(title: string, file: string, args: readonly string[]): Promise<void> {
  const timer = setTimeout(() => note(title), quietMillis);
  try {
    await exec(file, args);
  } finally {
    clearTimeout(timer);
  }
}
