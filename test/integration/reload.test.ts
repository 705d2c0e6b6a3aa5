// SPDX-License-Identifier: Apache-2.0
// A configuration that changes while the agent measures.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Overlay } from './overlay.ts';

const command = fileURLToPath(import.meta.resolve('../../examples/agent/bin/hopspan-agent.js'));

describe('a changed configuration file', () => {
  it('is followed under load without losing a request, and a broken one changes nothing', async () => {
    await using overlay = await Overlay.create();
    const { lab, collector } = overlay;
    const node = lab.node('node1');
    const file = join(lab.folder, 'agent.yaml');
    const spare = lab.pod('near').vport;
    const client = lab.pod('client').vport;
    const text = (vports: readonly string[]): string => `
receivers: {ebpf_hops: {interfaces: {nic: [${node.nicName}], vport: [${vports.join(', ')}]}}}
exporters: {otlp_grpc: {endpoint: "${collector.endpoint}", tls: {insecure: true}}}
`;
    // As a ConfigMap does it: the file is replaced, not written to.
    const replace = async (content: string): Promise<void> => {
      await writeFile(`${file}.new`, content);
      await rename(`${file}.new`, file);
    };
    await replace(text([client]));
    const agent = node.spawn(process.execPath, [command, '--config', file, '--json']);
    await agent.waitForLine(/"msg":"ready"/);
    const far = await overlay.startAgent('node2');

    const contexts: string[] = [];
    let loading = true;
    const load = (async () => {
      while (loading) contexts.push(...(await overlay.send(overlay.far, { count: 100 })).contexts);
    })();
    const reloads = (): number =>
      agent.stderr.lines.filter((line) => line.includes('configuration reloaded')).length;
    for (const [index, vports] of [[client, spare], [client], [client, spare]].entries()) {
      await replace(text(vports));
      await until(() => reloads() === index + 1);
    }
    const attached = (): number =>
      agent.stderr.lines.filter((line) => line.includes('the old one stays')).length;
    await replace('receivers: {ebpf_hops: {interfaces: {vportt: [x]}}}');
    await until(() => attached() === 1);
    await replace('receivers: [not, a, map');
    await until(() => attached() === 2);
    loading = false;
    await load;
    assert.equal(reloads(), 3, 'a broken configuration is not taken');
    // The device that the last good configuration added is still measured.
    const near = await overlay.send(overlay.near, { count: 20 });
    await Promise.all([agent.stop(), far.stop()]);

    const requestHops = (context: string): number =>
      (overlay.hops().get(context) ?? []).filter(({ attributes }) => attributes['hopspan.kind'] === 'request')
        .length;
    assert.ok(contexts.length >= 100, 'there was load');
    assert.deepEqual(
      contexts.filter((context) => requestHops(context) !== 2),
      [],
    );
    assert.deepEqual(
      near.contexts.filter((context) => requestHops(context) !== 1),
      [],
    );
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('not within a minute');
}
