// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exec } from '../../scripts/lib/exec.ts';
import type { PackedPackage } from '../../scripts/lib/pack.ts';
import { PackedRelease } from './user-project.ts';

/** All that a tarball may hold. */
const expected = [
  /^(package\.json|README\.md|LICENSE|NOTICE|LICENSES\/[\w.-]+\.txt)$/,
  /^dist\/[\w/-]+(\.js|\.d\.ts)$/,
  /^bin\/[\w-]+\.js$/,
  /^prebuilds\/linux-x64\/[\w-]+\.node$/,
  /^bpf\/\w+\.bpf\.o$/,
];

/** Node itself needs libgcc_s. */
const libraries = ['ld-linux-x86-64.so.2', 'libc.so.6', 'libgcc_s.so.1', 'libz.so.1'];
/** Of Debian 12, RHEL 9 and Ubuntu 22.04; what the README says. */
const newestGlibc = '2.33';

describe('the packed packages', () => {
  let release: PackedRelease;
  before(async () => {
    release = await PackedRelease.make();
  });
  after(() => release[Symbol.dispose]());

  function forEach(check: (packed: PackedPackage) => void): void {
    assert.ok(release.packages.length >= 4);
    release.packages.forEach(check);
  }

  it('hold a README, the licence, and nothing but what a user needs', () => {
    forEach(({ workspace: { manifest }, files }) => {
      for (const needed of ['README.md', 'LICENSE', 'package.json']) {
        assert.ok(files.includes(needed), `${manifest.name} has no ${needed}`);
      }
      const others = files.filter((file) => !expected.some((pattern) => pattern.test(file)));
      assert.deepEqual(others, [], manifest.name);
    });
  });

  it('hold both forms of every module: what runs and what is type-checked', () => {
    forEach(({ workspace: { manifest }, files }) => {
      const stems = (ending: string) =>
        files
          .filter((file) => file.startsWith('dist/') && file.endsWith(ending))
          .map((file) => file.slice(0, -ending.length));
      assert.deepEqual(stems('.js').sort(), stems('.d.ts').sort(), manifest.name);
      assert.ok(stems('.js').length > 0, manifest.name);
    });
  });

  it('make npm run and compile nothing', async () => {
    for (const { workspace, tarball } of release.packages) {
      const text = await exec('tar', ['-xzOf', tarball, 'package/package.json']);
      const { scripts = {}, gypfile } = JSON.parse(text) as { scripts?: object; gypfile?: boolean };
      assert.deepEqual([scripts, gypfile], [{}, undefined], workspace.manifest.name);
    }
  });

  it('hold an addon that needs only what every Debian 12 with Node has', async () => {
    const { tarball, files } = release.packages.find(
      ({ workspace }) => workspace.manifest.name === '@hopspan/bpf-probe',
    ) as PackedPackage;
    const addon = files.find((file) => file.endsWith('.node'));
    assert.ok(addon);
    const folder = join(release.folder, 'addon');
    mkdirSync(folder);
    await exec('tar', ['-xzf', tarball, '-C', folder, `package/${addon}`]);
    const elf = await exec('readelf', ['--wide', '-d', '-V', join(folder, 'package', addon)]);
    const needed = [...elf.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1]);
    assert.deepEqual(needed.sort(), libraries);
    const glibc = [...elf.matchAll(/GLIBC_([\d.]+)/g)].map((match) => match[1] as string);
    const newest = glibc.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
    assert.equal(newest, newestGlibc);
  });
});
