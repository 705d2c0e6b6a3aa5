// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec, tryExec } from '../../scripts/lib/exec.ts';
import { withLock } from '../../scripts/lib/lock.ts';
import { cacheDir } from '../../scripts/lib/paths.ts';

/** Kernel lines that Debian ships for its stable release. */
export type KernelLine = '6.1' | '6.12';

/** A kernel that can be booted; nothing of it is installed. */
export interface KernelImage {
  /** As `uname -r` prints it. */
  readonly release: string;
  /** Folder that holds `boot/` and `lib/modules/<release>/`. */
  readonly folder: string;
  readonly bootImage: string;
}

/** Names of the packages of each line. The plain flavour: the one for clouds cannot mount 9p. */
const packageNames: Readonly<Record<KernelLine, RegExp>> = {
  '6.1': /^linux-image-(6\.1\.0-\d+-amd64)$/,
  '6.12': /^linux-image-(6\.12\.\d+\+deb\d+-amd64)$/,
};

/** Most of the 400 MB: what no virtual machine has. Shell patterns of tar. */
const leftOut = [
  './usr',
  './boot/System.map*',
  './lib/modules/*/kernel/sound',
  './lib/modules/*/kernel/drivers/[a-mo-uw-z]*',
  ...['ethernet', 'usb', 'wireless'].map((name) => `./lib/modules/*/kernel/drivers/net/${name}`),
];

/** Named after what is left out: with another choice a kernel is fetched anew. */
const cache = join(
  cacheDir,
  'kernels',
  createHash('sha256').update(leftOut.join('\n')).digest('hex').slice(0, 8),
);

/**
 * The newest kernel of a line that apt knows, or the one fetched before.
 * @throws CommandError when apt has none or cannot fetch it
 */
export function ensureKernel(line: KernelLine): Promise<KernelImage> {
  return withLock(join(cache, 'lock'), async () => {
    const name = findCached(line) ?? (await fetchKernel(line));
    const release = packageNames[line].exec(name)?.[1] as string;
    const folder = join(cache, name);
    return { release, folder, bootImage: join(folder, 'boot', `vmlinuz-${release}`) };
  });
}

function findCached(line: KernelLine): string | undefined {
  return readdirSync(cache)
    .filter((name) => packageNames[line].test(name))
    .sort(compareVersions)
    .at(-1);
}

async function fetchKernel(line: KernelLine): Promise<string> {
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const name = await download(line, work);
    const tree = join(work, 'tree');
    await unpack(join(work, oneFile(work, '.deb')), tree);
    const release = packageNames[line].exec(name)?.[1] as string;
    await exec('/sbin/depmod', ['-b', tree, release]);
    renameSync(tree, join(cache, name));
    return name;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Into the folder. Package lists may be absent or out of date: then they are fetched, once. */
async function download(line: KernelLine, folder: string): Promise<string> {
  const known = await newestPackage(line);
  if (known !== undefined && (await aptDownload(known, folder)).status === 0) return known;
  const update = await tryExec('apt-get', ['-q', 'update']);
  const name = await newestPackage(line);
  if (name === undefined) {
    throw new Error(
      `fetch kernel ${line}: apt knows no package ${packageNames[line].source}; add the security or backports ` +
        `archive of Debian 12 to its sources. apt-get update said:\n${update.output.trim()}`,
    );
  }
  const { status, output } = await aptDownload(name, folder);
  if (status !== 0) throw new Error(`fetch kernel ${line}: apt-get download ${name} failed:\n${output}`);
  return name;
}

/** As root apt would change to a user that cannot write there, and warn. */
function aptDownload(name: string, folder: string): ReturnType<typeof tryExec> {
  return tryExec('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: folder });
}

async function newestPackage(line: KernelLine): Promise<string | undefined> {
  const names = await exec('apt-cache', ['pkgnames', `linux-image-${line}`]);
  return names
    .split('\n')
    .filter((name) => packageNames[line].test(name))
    .sort(compareVersions)
    .at(-1);
}

async function unpack(archive: string, tree: string): Promise<void> {
  mkdirSync(tree);
  const script = 'archive=$1 tree=$2; shift 2; dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$tree" "$@"';
  const excludes = leftOut.map((pattern) => `--exclude=${pattern}`);
  await exec('sh', ['-ec', script, 'sh', archive, tree, ...excludes]);
}

function oneFile(folder: string, ending: string): string {
  const name = readdirSync(folder).find((entry) => entry.endsWith(ending));
  if (name === undefined) throw new Error(`there is no ${ending} in ${folder}`);
  return name;
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
