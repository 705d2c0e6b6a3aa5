// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Overlay } from './overlay.ts';

const script = fileURLToPath(new URL('../../examples/custom-agent/index.ts', import.meta.url));

describe('the custom agent', () => {
  it('sends the hops of its devices to the collector and loses none when it is stopped', async () => {
    await using overlay = await Overlay.create();
    const node = overlay.lab.node('node1');
    const args = ['--nic', node.nicName, '--vport', 'veth*', '--endpoint', overlay.collector.endpoint];
    const agent = node.spawn(process.execPath, [script, ...args]);
    await agent.waitForLine(/"msg":"ready"/);
    const near = await overlay.send(overlay.near, { count: 100 });
    const far = await overlay.send(overlay.far, { count: 100 });
    assert.deepEqual(await agent.stop(), { code: 0, signal: null });
    const hops = overlay.hops();
    const names = (contexts: readonly string[]) =>
      contexts.flatMap((each) => (hops.get(each) ?? []).map(({ name }) => name));
    assert.deepEqual(names(near.contexts), Array(200).fill('overlay local'));
    assert.deepEqual(
      names(far.contexts).toSorted(),
      ['overlay receive', 'overlay transmit'].flatMap((name) => Array(100).fill(name)),
    );
  });

  it('says in one line what keeps it from starting', async () => {
    await using overlay = await Overlay.create();
    const { code, stderr } = await overlay.lab
      .node('node1')
      .exec(process.execPath, [script, '--nic', 'nope']);
    assert.match(stderr, /^custom-agent: [^\n]*nope[^\n]*\n$/);
    assert.equal(code, 1);
  });
});
