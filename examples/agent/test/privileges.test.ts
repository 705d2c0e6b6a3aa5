// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcessorConfig } from '../src/config/agent-config.ts';
import { loadConfig } from '../src/config/load.ts';
import { capabilitiesToKeep } from '../src/privileges.ts';

function keptWith(processors: string): readonly string[] {
  const overrides = [`processors=${processors}`];
  const config: { processors: readonly ProcessorConfig[] } = loadConfig({
    file: undefined,
    overrides,
    environment: {},
  });
  return capabilitiesToKeep(config);
}

describe('capabilitiesToKeep', () => {
  it('is what attaching takes, and what opening files of others takes', () => {
    const expected = ['CAP_NET_ADMIN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH'];
    assert.deepEqual(keptWith('{}'), expected);
    assert.deepEqual(keptWith('{k8s_attributes: {node: n}}'), expected);
  });

  it('is more where processes of pods are looked into', () => {
    for (const processors of [
      '{k8s_attributes: {node: n, processes: true}}',
      '{k8s_attributes: {node: n, cri: {}}}',
      '{container_metadata: {docker: {}}}',
    ])
      assert.ok(keptWith(processors).includes('CAP_SYS_PTRACE'), processors);
  });

  it('is more where the older iptables may be run', () => {
    const isKept = (nat: string): boolean =>
      keptWith(`{k8s_attributes: {node: n, nat: ${nat}}}`).includes('CAP_NET_RAW');
    assert.deepEqual(['{iptables: {}}', '{ip6tables: {command: [x]}}'].map(isKept), [true, true]);
    assert.deepEqual(['{nft: {}}', '{iptables: {file: /x}}'].map(isKept), [false, false]);
  });
});
