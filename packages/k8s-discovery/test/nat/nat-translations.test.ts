// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DiagLogger, diag } from '@opentelemetry/api';
import { type NatSource, NatTranslations } from '../../src/index.ts';
import { readFixture } from './fixtures.ts';

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !condition(); tries += 1) await sleep(20);
  assert.ok(condition(), 'not within a minute');
}

describe('NatTranslations', () => {
  let folder: string;
  let warnings: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hopspan-nat-'));
    warnings = [];
    const ignore = () => undefined;
    const warn = (message: string) => void warnings.push(message);
    const logger: DiagLogger = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger(logger, { suppressOverrideMessage: true });
    warnings.length = 0;
  });
  afterEach(() => {
    diag.disable();
    rmSync(folder, { recursive: true });
  });

  async function start(...sources: readonly NatSource[]) {
    const nat = new NatTranslations({ sources, intervalMillis: 20 });
    await nat.start();
    return Object.assign(nat, { [Symbol.asyncDispose]: () => nat.shutdown() });
  }

  it('puts together what files and programs write, and follows what changes', async () => {
    const file = join(folder, 'nft.json');
    writeFileSync(file, '{"nftables": []}');
    const program = `process.stdout.write(${JSON.stringify(readFixture('kube-proxy.ip6tables'))})`;
    await using nat = await start(
      { tool: 'nft', file },
      { tool: 'ip6tables', command: [process.execPath, '-e', program] },
    );
    assert.equal(nat.table.find('fd00:10:96::20', 80)?.service?.name, 'six');
    assert.equal(nat.table.find('10.96.0.21', 80), undefined);
    writeFileSync(file, readFixture('kube-proxy.nft.json'));
    await until(() => nat.table.find('10.96.0.21', 80) !== undefined);
    assert.equal(nat.counters().nat_translations, 6);
  });

  it('keeps what was known when a source fails, and says each failure once', async () => {
    const file = join(folder, 'iptables');
    writeFileSync(file, readFixture('kube-proxy.iptables'));
    await using nat = await start(
      { tool: 'iptables', file },
      { tool: 'nft', command: ['hopspan-no-such-program'] },
      {
        tool: 'ip6tables',
        command: [process.execPath, '-e', 'console.error("Permission denied\\nmore"); process.exit(4)'],
      },
    );
    assert.ok((nat.counters().nat_refresh_errors ?? 0) >= 2);
    assert.deepEqual(warnings.toSorted(), [
      `address translation from ip6tables: ${process.execPath}: Permission denied; going on without it, and trying again`,
      'address translation from nft: hopspan-no-such-program: there is no such program here; going on without it, and trying again',
    ]);
    rmSync(file);
    await until(() => warnings.length > 2);
    assert.match(warnings[2] ?? '', /iptables: ENOENT.*; going on with what is known/);
    assert.equal(nat.table.find('10.96.0.21', 80)?.service?.name, 'ratings');
    const { nat_refresh_errors = 0 } = nat.counters();
    await until(() => (nat.counters().nat_refresh_errors ?? 0) > nat_refresh_errors + 3);
    assert.equal(warnings.length, 3);
  });

  it('says what it was given where that is not what the tool writes', async () => {
    const file = join(folder, 'nft.json');
    writeFileSync(file, 'table ip nat {}');
    await using _ = await start({ tool: 'nft', file });
    assert.match(warnings[0] ?? '', /not what nft -j list ruleset writes: /);
  });

  it('counts rules that it does not understand', async () => {
    const file = join(folder, 'iptables');
    writeFileSync(
      file,
      '*nat\n:PREROUTING ACCEPT\n-A PREROUTING -d 10.0.0.0/8 -j DNAT --to-destination 10.1.1.1\nCOMMIT\n',
    );
    await using nat = await start({ tool: 'iptables', file });
    assert.deepEqual([nat.counters().nat_rules_unknown, nat.counters().nat_truncated], [1, 0]);
  });

  it('refuses to read nothing, and to do so without a pause', () => {
    assert.throws(() => new NatTranslations({ sources: [] }), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
    assert.throws(() => new NatTranslations({ sources: [{ tool: 'nft' }], intervalMillis: 0 }), {
      code: 'HOPSPAN_ERR_INVALID_OPTION',
    });
  });
});
