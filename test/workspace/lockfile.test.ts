// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { completeLockfile, findMissingOptionals, type Lockfile } from '../../scripts/lib/lockfile.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { listWorkspaces } from '../../scripts/lib/workspaces.ts';

const lock = JSON.parse(readFileSync(join(repoRoot, 'package-lock.json'), 'utf8')) as Lockfile;

/** Packages whose install script is known not to be needed: prebuilt, or only prints. */
const scriptsNotNeeded = ['bpf', 'nx', 'protobufjs'];

describe('package-lock.json', () => {
  it('has an entry for every optional dependency of every entry', () => {
    assert.deepEqual(findMissingOptionals(lock), []);
  });

  it('names no registry', () => {
    const addresses = Object.values(lock.packages).flatMap(({ resolved, link }) =>
      link ? [] : (resolved ?? []),
    );
    assert.deepEqual(addresses, []);
  });

  it('holds no package with an install script beyond those known not to need it', () => {
    const names = Object.entries(lock.packages)
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([folder]) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length));
    assert.deepEqual(names.sort(), scriptsNotNeeded);
  });
});

describe('the workspaces', () => {
  for (const { path, manifest } of listWorkspaces(repoRoot)) {
    it(`of the lockfile ask for what ${path}/package.json asks for`, () => {
      const entry = lock.packages[path];
      for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'] as const) {
        assert.deepEqual(entry?.[kind] ?? {}, manifest[kind] ?? {});
      }
    });
  }
});

describe('completeLockfile', () => {
  const lacking: Lockfile = {
    lockfileVersion: 3,
    packages: {
      '': {},
      'node_modules/tool': {
        version: '1.2.3',
        dev: true,
        optionalDependencies: { '@tool/cli-darwin-arm64': '1.2.3', '@tool/cli-linux-x64-musl': '1.2.3' },
      },
    },
  };

  it('enters name, version and platform of what is missing', () => {
    const { packages } = completeLockfile(lacking);
    assert.deepEqual(packages['node_modules/@tool/cli-darwin-arm64'], {
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    });
    assert.deepEqual(packages['node_modules/@tool/cli-linux-x64-musl']?.libc, ['musl']);
  });

  it('leaves nothing missing', () => {
    assert.equal(findMissingOptionals(lacking).length, 2);
    assert.deepEqual(findMissingOptionals(completeLockfile(lacking)), []);
  });

  it('finds an optional dependency below the folder of its dependant', () => {
    const nested = structuredClone(lacking);
    nested.packages['node_modules/tool/node_modules/@tool/cli-darwin-arm64'] = { version: '1.2.3' };
    assert.deepEqual(
      findMissingOptionals(nested).map(({ name }) => name),
      ['@tool/cli-linux-x64-musl'],
    );
  });

  it('refuses a name that does not tell its platform', () => {
    const unclear: Lockfile = {
      lockfileVersion: 3,
      packages: { 'node_modules/tool': { optionalDependencies: { 'tool-native': '1.0.0' } } },
    };
    assert.throws(() => completeLockfile(unclear), /platform of tool-native/);
  });
});
