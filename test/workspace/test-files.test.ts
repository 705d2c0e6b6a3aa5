// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repoRoot } from '../../scripts/lib/paths.ts';
import type { Tally } from '../../scripts/lib/test-tally.ts';

const head = `import { describe, it, test, before } from 'node:test';\n`;

describe('runTestFiles', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hopspan-test-files-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs one file of the given text; in a process of its own, since a test runner does not run in another. */
  function runText(text: string, timeoutMillis = 60_000): Tally {
    const file = join(folder, 'sample.test.mjs');
    writeFileSync(file, head + text);
    const script = join(folder, 'run.mjs');
    const options = `{ serial: true, timeoutMillis: ${timeoutMillis}, signal: new AbortController().signal }`;
    writeFileSync(
      script,
      `import { runTestFiles } from '${join(repoRoot, 'scripts/lib/test-files.ts')}';
      const tally = await runTestFiles(['${file}'], ${options});
      process.stdout.write('\\n' + JSON.stringify(tally));`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as Tally;
  }

  it('counts tests, not the suites that hold them', () => {
    const tally = runText(
      `describe('a', () => { it('b', () => {}); describe('c', () => { it('d', () => {}); }); });`,
    );
    assert.deepEqual(tally, { passed: 2, failed: 0, skips: [] });
  });

  it('counts a failing subtest once', () => {
    const tally = runText(`test('a', async (t) => { await t.test('b', () => { throw new Error(); }); });`);
    assert.deepEqual(tally, { passed: 0, failed: 1, skips: [] });
  });

  it('keeps the reason of each skip, also of a whole suite', () => {
    const tally = runText(
      `describe('a', { skip: 'no lab' }, () => { it('b', () => {}); }); it('c', (t) => t.skip('no root')); it('d', { skip: true });`,
    );
    assert.deepEqual(tally, {
      passed: 0,
      failed: 0,
      skips: [
        { name: 'a', reason: 'no lab' },
        { name: 'c', reason: 'no root' },
        { name: 'd', reason: 'no reason given' },
      ],
    });
  });

  it('counts a failing hook', () => {
    const tally = runText(
      `describe('a', () => { before(() => { throw new Error(); }); it('b', () => {}); });`,
    );
    assert.ok(tally.failed > 0);
  });

  it('counts a file that cannot be loaded as a failure', () => {
    assert.equal(runText(`import './not-there.mjs';`).failed, 1);
  });

  it('counts a file without tests as a failure', () => {
    assert.deepEqual(runText(''), { passed: 0, failed: 1, skips: [] });
  });

  it('counts an error after the last test as a failure', () => {
    const tally = runText(`it('a', () => {}); setTimeout(() => { throw new Error(); }, 10);`);
    assert.deepEqual(tally, { passed: 1, failed: 1, skips: [] });
  });

  it('ends a file that hangs', () => {
    const tally = runText(`it('a', () => {}); setInterval(() => {}, 1000);`, 1000);
    assert.equal(tally.failed, 1);
  });
});
