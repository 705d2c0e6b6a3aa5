// SPDX-License-Identifier: Apache-2.0
// The agent's image, made without a registry: the last stage of its Dockerfile as it is, on a base out of this machine's
// Node, with what the first stage would have installed.
import { copyFileSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exec } from '../../scripts/lib/exec.ts';
import { packPackages } from '../../scripts/lib/pack.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import type { DockerEngine } from './docker-engine.ts';

const DOCKERFILE = join(repoRoot, 'examples/agent/Dockerfile');
const ZLIB = '/lib/x86_64-linux-gnu/libz.so.1';

/** Builds the image `hopspan-agent`. */
export async function buildAgentImage(engine: DockerEngine, folder: string): Promise<void> {
  mkdirSync(folder);
  await engine.docker('import', await makeNodeBase(join(folder, 'base')), 'node-base');
  // What a stage calls `build` is taken from an image of that name where no stage has it.
  await engine.docker('import', await makeFirstStage(join(folder, 'first')), 'build');
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), lastStage(readFileSync(DOCKERFILE, 'utf8')));
  await engine.build(context, 'hopspan-agent', { RUNTIME_IMAGE: 'node-base' });
}

/** With the arguments that stand before the first stage. */
function lastStage(dockerfile: string): string {
  const stages = dockerfile.split(/^(?=FROM )/m);
  return `${stages[0]}${stages.at(-1)}`;
}

/** What distroless has: Node, the libraries that it needs, no shell. */
async function makeNodeBase(root: string): Promise<string> {
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  copyFileSync(process.execPath, join(root, 'nodejs/bin/node'));
  for (const name of ['lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const needed = await exec('ldd', [process.execPath]);
  for (const [library] of needed.matchAll(/\/lib\S*/g)) addFile(root, library);
  return pack(root);
}

/** The agent as the first stage installs it from the packed packages. */
async function makeFirstStage(root: string): Promise<string> {
  const agent = join(root, 'agent');
  mkdirSync(agent, { recursive: true });
  const tarballs = join(root, '../packages');
  mkdirSync(tarballs);
  const packed = await packPackages(repoRoot, tarballs);
  writeFileSync(join(agent, 'package.json'), '{"private":true,"type":"module"}');
  const args = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await exec('npm', [...args, ...packed.map(({ tarball }) => tarball)], { cwd: agent });
  addFile(root, ZLIB);
  return pack(root);
}

function addFile(root: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  copyFileSync(realpathSync(path), join(root, path));
}

async function pack(root: string): Promise<string> {
  const tar = `${root}.tar`;
  await exec('tar', ['-C', root, '-cf', tar, '.']);
  return tar;
}
