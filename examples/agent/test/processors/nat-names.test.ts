// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { AddressResolver } from '@hopspan/k8s-discovery';
import { parseConfig } from '../../src/config/load.ts';
import { NatNames } from '../../src/processors/nat-names.ts';

const api: AddressResolver = { live: true, resolve: () => ({ kind: 'unknown' }) };
const rules = `*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m comment --comment "shop/web:http" -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80
COMMIT
`;

function load(nat: string) {
  const text = `processors: {k8s_attributes: {node: node-1, nat: ${nat}}}`;
  const [processor] = parseConfig(text, { environment: {} }).processors;
  assert.ok(processor?.type === 'k8s_attributes');
  return processor.config;
}

describe('NatNames', () => {
  it('names by the rules that it is told to read, beside the API', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-agent-nat-'));
    const file = join(folder, 'rules');
    writeFileSync(file, rules);
    const names = new NatNames(load(`{iptables: {file: ${file}}, interval: 1m}`), api);
    try {
      await names.start();
      assert.deepEqual(names.resolver.resolve('10.96.0.9', 80, 0), {
        kind: 'service',
        service: { namespace: 'shop', name: 'web' },
      });
      const { nat_translations, nat_refresh_errors, nat_ends_named } = names.counters();
      assert.deepEqual([nat_translations, nat_refresh_errors, nat_ends_named], [1, 0, 1]);
    } finally {
      await names.shutdown();
      rmSync(folder, { recursive: true });
    }
  });

  it('changes nothing where it is not asked for', async () => {
    const names = new NatNames({ node: 'node-1' }, api);
    await names.start();
    assert.equal(names.resolver, api);
    assert.deepEqual(names.counters(), {});
    await names.shutdown();
  });

  it('runs the tools themselves by default, or what it is told to', () => {
    assert.deepEqual(load('{nft: {}, ip6tables: {command: [cat, /x]}}').nat, {
      ...{ nft: {}, ip6tables: { command: ['cat', '/x'] }, interval: 30_000 },
    });
  });

  for (const [nat, message] of [
    ['{}', /expected at least one of the keys nft, iptables and ip6tables/],
    ['{nft: {file: rules}}', /expected an absolute path/],
    ['{nft: {file: /rules, command: [nft]}}', /expected either command or file/],
    ['{nft: {command: []}}', /expected at least 1 entry/],
    ['{ntf: {}}', /unknown key "ntf"; did you mean "nft"\?/],
  ] as const)
    it(`refuses ${nat}`, () => {
      assert.throws(() => load(nat), message);
    });
});
