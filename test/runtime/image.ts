// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';

const APPLETS = ['sh', 'sleep', 'wget', 'httpd', 'nc', 'ip', 'cat'];

/** A root file system out of busybox, as a tar file: no registry is asked. */
export function makeRootFileSystem(folder: string): string {
  const root = `${folder}/rootfs`;
  mkdirSync(`${root}/bin`, { recursive: true });
  mkdirSync(`${root}/www`);
  copyFileSync('/bin/busybox', `${root}/bin/busybox`);
  for (const applet of APPLETS) symlinkSync('busybox', `${root}/bin/${applet}`);
  writeFileSync(`${root}/www/index.html`, 'ok\n');
  const tar = `${folder}/rootfs.tar`;
  execFileSync('tar', ['-C', root, '-cf', tar, '.']);
  return tar;
}

/** The same as an image. */
export function makeImage(folder: string, name: string, command: readonly string[]): string {
  return packImage(`${folder}/image`, name, makeRootFileSystem(folder), { Cmd: command });
}

/**
 * An image in the format of `docker save`, which containerd imports: a tar file.
 * @param folder to make for it
 * @param rootFileSystem tar file of its only layer
 * @param runConfig what it runs: `config` of the OCI image configuration
 */
export function packImage(folder: string, name: string, rootFileSystem: string, runConfig: object): string {
  const digest = createHash('sha256').update(readFileSync(rootFileSystem)).digest('hex');
  const config = {
    ...{ architecture: 'amd64', os: 'linux', config: runConfig },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  mkdirSync(folder);
  renameSync(rootFileSystem, `${folder}/layer.tar`);
  writeFileSync(`${folder}/config.json`, JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(`${folder}/manifest.json`, JSON.stringify(manifest));
  const tar = `${folder}.tar`;
  execFileSync('tar', ['-C', folder, '-cf', tar, 'manifest.json', 'config.json', 'layer.tar']);
  return tar;
}
