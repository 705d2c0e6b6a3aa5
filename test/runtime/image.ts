// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';

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

/** The same as an image in the format of `docker save`, which containerd imports. */
export function makeImage(folder: string, name: string, command: readonly string[]): string {
  const rootFileSystem = makeRootFileSystem(folder);
  const digest = createHash('sha256').update(readFileSync(rootFileSystem)).digest('hex');
  const config = {
    ...{ architecture: 'amd64', os: 'linux', config: { Cmd: command } },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  const image = `${folder}/image`;
  mkdirSync(image);
  cpSync(rootFileSystem, `${image}/layer.tar`);
  writeFileSync(`${image}/config.json`, JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(`${image}/manifest.json`, JSON.stringify(manifest));
  const tar = `${folder}/image.tar`;
  execFileSync('tar', ['-C', image, '-cf', tar, 'manifest.json', 'config.json', 'layer.tar']);
  return tar;
}
