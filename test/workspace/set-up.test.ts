// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { ensurePackages } from '../../scripts/lib/debian-packages.ts';
import { withLock } from '../../scripts/lib/lock.ts';
import { matchesLockfile } from '../../scripts/lib/node-modules.ts';

const path = process.env.PATH;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopspan-set-up-'));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** Puts a program of the given shell text first on the path. */
function addProgram(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
}

function actAs(t: TestContext, uid: number): void {
  t.mock.method(process as Required<Pick<NodeJS.Process, 'getuid'>>, 'getuid', () => uid);
}

describe('ensurePackages', () => {
  const missing = { package: 'no-such-package', brings: 'hopspan-no-such-program' };

  it('does nothing when all is there', async () => {
    addProgram('apt-get', 'exit 1');
    await ensurePackages([{ package: 'coreutils', brings: 'ls' }]);
  });

  it('installs what is missing, after fetching the package lists when it must', async (t) => {
    actAs(t, 0);
    const program = join(folder, missing.brings);
    addProgram(
      'apt-get',
      `case $2 in\nupdate) touch ${folder}/lists ;;\n*) [ -f ${folder}/lists ] && cp $0 ${program} ;;\nesac`,
    );
    t.mock.method(process.stderr, 'write', () => true);
    await ensurePackages([missing]);
  });

  it('says which packages to install to who may not', async (t) => {
    actAs(t, 1000);
    addProgram('apt-get', 'exit 1');
    await assert.rejects(ensurePackages([missing]), {
      name: 'CommandError',
      message: /^no-such-package missing: run sudo apt-get install -y \S+ no-such-package$/,
    });
  });

  it('names the programs where there is no apt-get', async () => {
    process.env.PATH = folder;
    await assert.rejects(
      ensurePackages([missing]),
      /^CommandError: hopspan-no-such-program missing.*not Debian/,
    );
  });

  it('gives the reason when apt-get cannot', async (t) => {
    actAs(t, 0);
    t.mock.method(process.stderr, 'write', () => true);
    addProgram('apt-get', 'echo "E: Unable to locate package" >&2\nexit 100');
    await assert.rejects(ensurePackages([missing]), /no-such-package failed \(Unable to locate package\)/);
  });
});

describe('matchesLockfile', () => {
  const wanted = {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true, os: ['hurd'] },
  };

  function write(packages: object, installed: object): void {
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/a/package.json'), '{}');
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  }

  it('is content with all that is meant for this platform', () => {
    write(wanted, { 'node_modules/a': { version: '1.0.0' } });
    assert.equal(matchesLockfile(folder), true);
  });

  it('sees another version', () => {
    write(wanted, { 'node_modules/a': { version: '1.0.1' } });
    assert.equal(matchesLockfile(folder), false);
  });

  it('sees a package that is gone from the disk', () => {
    write(wanted, { 'node_modules/a': { version: '1.0.0' } });
    rmSync(join(folder, 'node_modules/a'), { recursive: true });
    assert.equal(matchesLockfile(folder), false);
  });

  it('sees that nothing was installed yet', () => {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    assert.equal(matchesLockfile(folder), false);
  });
});

describe('withLock', () => {
  it('lets one in at a time, and the next one after a failure', async () => {
    const lock = join(folder, 'locks/one');
    const order: string[] = [];
    const first = withLock(lock, async () => {
      order.push('first in');
      await new Promise((resolve) => setImmediate(resolve));
      order.push('first out');
      throw new Error('first failed');
    });
    const second = withLock(lock, async () => {
      order.push('second in');
      await new Promise((resolve) => setImmediate(resolve));
      order.push('second out');
    });
    await assert.rejects(first, /first failed/);
    await second;
    const firstLeads = order[0] === 'first in';
    const [a, b] = firstLeads ? ['first', 'second'] : ['second', 'first'];
    assert.deepEqual(order, [`${a} in`, `${a} out`, `${b} in`, `${b} out`]);
  });
});
