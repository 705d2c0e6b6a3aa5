// SPDX-License-Identifier: Apache-2.0
// The agent's image, made without a registry: a base out of this machine's Node, what the first stage of its Dockerfile would
// have installed, and, where Docker builds it, the last stage as it is.
import { copyFileSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exec } from '../../scripts/lib/exec.ts';
import { packPackages } from '../../scripts/lib/pack.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import type { DockerEngine } from './docker-engine.ts';
import { packImage } from './image.ts';

const DOCKERFILE = join(repoRoot, 'examples/agent/Dockerfile');
const ENTRYPOINT = ['/nodejs/bin/node', '/agent/node_modules/@hopspan/agent/bin/hopspan-agent.js'];
const ZLIB = '/lib/x86_64-linux-gnu/libz.so.1';

/** Builds the image `hopspan-agent`. */
export async function buildAgentImage(engine: DockerEngine, folder: string): Promise<void> {
  mkdirSync(folder);
  const [base, first] = [join(folder, 'base'), join(folder, 'first')];
  await addNode(base);
  await engine.docker('import', await pack(base), 'node-base');
  // What a stage calls `build` is taken from an image of that name where no stage has it.
  await addAgent(first);
  await engine.docker('import', await pack(first), 'build');
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), lastStage(readFileSync(DOCKERFILE, 'utf8')));
  await engine.build(context, 'hopspan-agent', { RUNTIME_IMAGE: 'node-base' });
}

/** The same for containerd, which has nothing to build with: all of it in one layer. @returns what packImage does */
export async function packAgentImage(folder: string, name: string): Promise<string> {
  mkdirSync(folder);
  const root = join(folder, 'root');
  await addNode(root);
  await addAgent(root);
  return packImage(join(folder, 'image'), name, await pack(root), { Entrypoint: ENTRYPOINT, User: '0' });
}

/** With the arguments that stand before the first stage. */
function lastStage(dockerfile: string): string {
  const stages = dockerfile.split(/^(?=FROM )/m);
  return `${stages[0]}${stages.at(-1)}`;
}

/** What distroless has: Node, the libraries that it needs, no shell. */
async function addNode(root: string): Promise<void> {
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  copyFileSync(process.execPath, join(root, 'nodejs/bin/node'));
  for (const name of ['lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const needed = await exec('ldd', [process.execPath]);
  for (const [library] of needed.matchAll(/\/lib\S*/g)) addFile(root, library);
}

/** The agent as the first stage installs it from the packed packages. */
async function addAgent(root: string): Promise<void> {
  const agent = join(root, 'agent');
  mkdirSync(agent, { recursive: true });
  const tarballs = join(root, '../packages');
  mkdirSync(tarballs);
  const packed = await packPackages(repoRoot, tarballs);
  writeFileSync(join(agent, 'package.json'), '{"private":true,"type":"module"}');
  const args = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await exec('npm', [...args, ...packed.map(({ tarball }) => tarball)], { cwd: agent });
  addFile(root, ZLIB);
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
