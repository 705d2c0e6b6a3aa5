// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { addEndAttributes } from '../src/hop-attributes.ts';
import {
  getJaegerTopologyDefaults,
  getKubeDiscoveryDefaults,
  HopEnrichment,
  JaegerTopology,
  KubeDiscovery,
  NAT_COMMANDS,
  NatResolver,
  NatTranslations,
} from '../src/index.ts';

// The formatter pads the columns of tables.
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');
const errors = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');

const access = { server: 'http://localhost', origin: 'a test', credentials: async () => ({}) };

describe('the README', () => {
  it('gives every option with its default', () => {
    for (const [name, value] of Object.entries(getKubeDiscoveryDefaults())) {
      assert.ok(readme.includes(`| \`${name}\` | \`${value}\` |`), `${name} ${value}`);
    }
    for (const [name, value] of Object.entries(getJaegerTopologyDefaults())) {
      const text = typeof value === 'number' ? value : JSON.stringify(value).replaceAll('"', "'");
      assert.ok(readme.includes(`| \`${name}\` | \`${text}\` |`), `${name} ${text}`);
    }
  });

  it('says what is run to read the rules of address translation', () => {
    for (const [tool, command] of Object.entries(NAT_COMMANDS))
      assert.ok(readme.includes(`| \`${tool}\` | \`${command.join(' ')}\` |`), tool);
  });

  it('explains every counter', () => {
    const discovery = new KubeDiscovery({ access, nodeName: 'node-1' });
    const enrichment = new HopEnrichment(discovery);
    const nat = new NatTranslations({ sources: [{ tool: 'nft' }] });
    const topology = new JaegerTopology({ endpoint: 'http://localhost' });
    for (const name of Object.keys({
      ...discovery.counters(),
      ...enrichment.counters(),
      ...topology.counters(),
      ...nat.counters(),
      ...new NatResolver({ resolver: discovery, nat }).counters(),
    }))
      assert.match(readme, new RegExp(`\\n\\|[^|]*\`${name}\`[^|]*\\|`), name);
  });

  it('lists every attribute', () => {
    for (const kind of ['deployment', 'replicaset', 'statefulset', 'daemonset', 'job', 'cronjob'] as const) {
      const attributes: Record<string, string> = {};
      addEndAttributes(attributes, 'source', {
        kind: 'pod',
        pod: { uid: 'u', namespace: 'n', name: 'p', workload: { kind, name: 'w' } },
        container: { name: 'c', ports: [] },
        service: { namespace: 'n', name: 's' },
        nodeName: 'node',
      });
      assert.equal(Object.keys(attributes).length, 8);
      for (const name of Object.keys(attributes))
        assert.ok(readme.includes(`\`${name.slice('source.'.length)}\``), name);
    }
  });

  it('lists every error code', () => {
    const codes = [...errors.matchAll(/'(HOPSPAN_ERR_\w+)'/g)].map((match) => match[1] ?? '');
    assert.ok(codes.length >= 5);
    for (const code of codes) assert.ok(readme.includes(`| \`${code}\` |`), code);
  });
});

describe('KubeDiscovery', () => {
  const faults = {
    'a node without a name': { nodeName: '' },
    'no access': { access: undefined },
    'a word that it does not know': { remotePods: 'some' },
    'a wait of no time': { initialBackoffMillis: 0 },
    'half a millisecond': { latenessMillis: 0.5 },
  };
  for (const [what, fault] of Object.entries(faults)) {
    it(`refuses ${what}`, () => {
      const options = { access, nodeName: 'node-1', ...fault } as ConstructorParameters<
        typeof KubeDiscovery
      >[0];
      assert.throws(() => new KubeDiscovery(options), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
    });
  }
});
