// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repoRoot } from '../../scripts/lib/paths.ts';

const needsRoot = process.getuid?.() === 0 ? false : 'needs root';
const runScript = join(repoRoot, 'scripts/run.sh');

interface Failure {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Failure {
  const [file = '', ...args] = command;
  return spawnSync(file, args, {
    env: { ...process.env, npm_lifecycle_event: '', ...env },
    encoding: 'utf8',
  });
}

function assertOneLine({ stdout, stderr, status }: Failure, pattern: RegExp): void {
  assert.equal(stdout, '');
  assert.match(stderr, /^hopspan: [^\n]+\n$/);
  assert.match(stderr, pattern);
  assert.equal(status, 1);
}

describe('run.sh', () => {
  let folder = '';

  /** A folder to put first on the path, with a `uname` that tells of another machine. */
  function pathWithUname(answers: { s?: string; m?: string; r?: string }): NodeJS.ProcessEnv {
    const { s = 'Linux', m = 'x86_64', r = '6.12.0' } = answers;
    const fake = join(folder, 'uname');
    writeFileSync(
      fake,
      `#!/bin/sh\ncase $1 in\n-s) echo ${s} ;;\n-m) echo ${m} ;;\n-r) echo ${r} ;;\nesac\n`,
    );
    chmodSync(fake, 0o755);
    return { PATH: `${folder}:${process.env.PATH}` };
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hopspan-run-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('refuses a user who is not root where the kernel is touched', { skip: needsRoot }, () => {
    const asNobody = ['setpriv', '--reuid', '65534', '--clear-groups'];
    assertOneLine(
      run([...asNobody, 'sh', runScript, 'test', 'lab'], { npm_lifecycle_event: 'test:lab' }),
      /npm run test:lab must run as root \(got uid 65534\): try sudo npm run test:lab$/m,
    );
  });

  it('refuses another system', () => {
    assertOneLine(
      run(['sh', runScript, 'build'], pathWithUname({ s: 'Darwin' })),
      /needs Linux, this is Darwin/,
    );
  });

  it('refuses another processor', () => {
    const got = run(['sh', runScript, 'build'], pathWithUname({ m: 'riscv64' }));
    assertOneLine(got, /needs an x86_64 machine, this is riscv64/);
  });

  for (const release of ['5.15.0-100-generic', '6.0.9', '4.19']) {
    it(`refuses Linux ${release} where the kernel is touched`, () => {
      const got = run(['sh', runScript, 'test', 'bpf'], pathWithUname({ r: release }));
      assertOneLine(got, new RegExp(`needs Linux 6.1 or newer, this is ${release}`));
    });
  }

  it('refuses a kernel without type information', { skip: needsRoot }, () => {
    const script = `mount -t tmpfs none /sys/kernel/btf && exec sh ${runScript} test bpf`;
    assertOneLine(
      run(['unshare', '--mount', 'sh', '-c', script]),
      /\/sys\/kernel\/btf\/vmlinux.*CONFIG_DEBUG_INFO_BTF/,
    );
  });

  it('names the command that does not exist', () => {
    assertOneLine(run(['sh', runScript, 'dmeo']), /there is no command 'dmeo'/);
  });

  it('names the rings when there is no such one', () => {
    assertOneLine(
      run(['sh', runScript, 'test', 'unit', 'lint', 'nit'], pathWithUname({})),
      /there is no test ring 'nit'/,
    );
  });
});
