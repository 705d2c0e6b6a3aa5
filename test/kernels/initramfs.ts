// SPDX-License-Identifier: Apache-2.0
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exec } from '../../scripts/lib/exec.ts';
import type { KernelImage } from './kernel-image.ts';

/** What it takes to mount the host's root; whatever else is wanted is loaded from there. */
const modules = ['virtio_pci', '9pnet_virtio', '9p'];

const guest = fileURLToPath(new URL('guest', import.meta.url));

/**
 * Makes the file system that the kernel starts from: busybox, a few modules, the scripts of `guest/`.
 * @returns its path, beside the kernel
 */
export async function makeInitramfs(kernel: KernelImage): Promise<string> {
  const work = mkdtempSync(join(kernel.folder, 'initramfs-'));
  try {
    const tree = join(work, 'tree');
    await fill(tree, kernel);
    const made = join(work, 'cpio');
    await exec('sh', ['-ec', 'cd "$1" && find . | cpio --quiet -o -H newc > "$2"', 'sh', tree, made]);
    const path = join(kernel.folder, 'initramfs');
    // At once, so that another run may be reading the one before.
    renameSync(made, path);
    return path;
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function fill(tree: string, kernel: KernelImage): Promise<void> {
  for (const folder of ['bin', 'modules', 'guest', 'dev']) mkdirSync(join(tree, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(tree, 'bin', 'busybox'));
  copyFileSync(join(guest, 'init.sh'), join(tree, 'init'));
  copyFileSync(join(guest, 'run.sh'), join(tree, 'guest', 'run.sh'));
  const modprobe = join(tree, 'guest', 'modprobe');
  writeFileSync(modprobe, `#!/bin/sh\nexec /sbin/modprobe -d '${kernel.folder}' "$@"\n`);
  for (const program of [join(tree, 'init'), modprobe]) chmodSync(program, 0o755);
  await copyModules(join(tree, 'modules'), kernel);
}

async function copyModules(folder: string, kernel: KernelImage): Promise<void> {
  const order = new Set<string>();
  for (const name of modules) {
    for (const path of await listWithDependencies(name, kernel)) {
      const file = basename(path).replace(/\.xz$/, '');
      if (order.has(file)) continue;
      order.add(file);
      const unpack = path.endsWith('.xz') ? 'xz -dc' : 'cat';
      await exec('sh', ['-ec', `${unpack} "$1" > "$2"`, 'sh', path, join(folder, file)]);
    }
  }
  writeFileSync(join(folder, 'order'), [...order].join('\n'));
}

/** Paths in the order to load them. What is built in has none. */
async function listWithDependencies(module: string, { folder, release }: KernelImage): Promise<string[]> {
  const lines = await exec('/sbin/modprobe', ['-d', folder, '-S', release, '--show-depends', module]);
  return lines.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
}
