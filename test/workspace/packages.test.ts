// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { PackedPackage } from '../../scripts/lib/pack.ts';
import { findPackageFaults } from '../../scripts/lib/package-faults.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { listWorkspaces, type PackageJson } from '../../scripts/lib/workspaces.ts';

describe('findPackageFaults', () => {
  const sound = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts'];

  function findFaults(files: readonly string[], manifest: Partial<PackageJson> = {}): string[] {
    const packed: PackedPackage = {
      workspace: { path: 'packages/x', manifest: { name: '@hopspan/x', version: '1.0.0', ...manifest } },
      tarball: '/x.tgz',
      size: 1,
      files,
    };
    return findPackageFaults(packed, '1.0.0', (path) => path === 'src/index.ts');
  }

  it('finds nothing in a sound package', () => {
    assert.deepEqual(findFaults(sound), []);
  });

  const cases: [title: string, files: string[], manifest: Partial<PackageJson>, pattern: RegExp][] = [
    ['a missing licence', sound.filter((path) => path !== 'LICENSE'), {}, /LICENSE/],
    ['a missing README', sound.filter((path) => path !== 'README.md'), {}, /README/],
    ['what makes npm compile', [...sound, 'native/binding.gyp'], {}, /binding\.gyp/],
    ['a test', [...sound, 'test/x.test.ts'], {}, /is a test/],
    ['the compiler record', [...sound, 'dist/.tsbuildinfo'], {}, /tsbuildinfo/],
    ['output of a source that is gone', [...sound, 'dist/old.js'], {}, /dist\/old\.js/],
    ['an install script', sound, { scripts: { postinstall: 'x' } }, /postinstall/],
    ['another version', sound, { version: '1.0.1' }, /1\.0\.1/],
    ['another version of a sister', sound, { dependencies: { '@hopspan/core': '^1.0.0' } }, /@hopspan\/core/],
    ['a probe without its addon', [...sound, 'bpf/x.bpf.o'], { name: '@hopspan/bpf-probe' }, /node/],
  ];
  for (const [title, files, manifest, pattern] of cases) {
    it(`finds ${title}`, () => {
      const faults = findFaults(files, manifest);
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', pattern);
    });
  }
});

describe('every published package', () => {
  const licence = readFileSync(join(repoRoot, 'LICENSE'), 'utf8');
  for (const { path } of listWorkspaces(repoRoot).filter(({ manifest }) => !manifest.private)) {
    it(`carries the licence: ${path}`, () => {
      assert.equal(readFileSync(join(repoRoot, path, 'LICENSE'), 'utf8'), licence);
    });
  }
});
