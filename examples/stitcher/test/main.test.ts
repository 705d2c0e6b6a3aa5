// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));

async function run(args: readonly string[], signal?: NodeJS.Signals) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let seen = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const before = seen;
    seen += chunk;
    if (signal !== undefined && !before.includes('ready') && seen.includes('ready')) child.kill(signal);
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

const anyPorts = ['--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0', '--status', '127.0.0.1:0'];

describe('the command', () => {
  it('prints its usage', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Usage: /);
  });

  it('ends with status 2 and one line when it is used wrongly', async () => {
    const { code, stdout, stderr } = await run([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^\S+ ERROR --endpoint is missing[^\n]*\n$/);
  });

  it('ends with status 1 when it cannot listen', async () => {
    const { code, stderr } = await run([
      '--endpoint',
      'http://127.0.0.1:9',
      ...anyPorts,
      '--http',
      '203.0.113.1:1',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /EADDRNOTAVAIL/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`runs until ${signal} and ends with its counters`, async () => {
      const { code, stderr } = await run(['--endpoint', 'http://127.0.0.1:9', ...anyPorts, '--json'], signal);
      assert.equal(code, 0);
      const records = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(
        records.map(({ msg }) => msg),
        ['ready', 'stopping', 'stopped'],
      );
      assert.match(String(records[0]?.grpc), /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.equal(
        (records[2] as { counters?: { receiver?: { received?: number } } }).counters?.receiver?.received,
        0,
      );
    });
  }
});
