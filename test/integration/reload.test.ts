// SPDX-License-Identifier: Apache-2.0
// A configuration that changes while the agent measures.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Overlay } from './overlay.ts';

const command = fileURLToPath(import.meta.resolve('../../examples/agent/bin/hopspan-agent.js'));

const COUNT = 40;
/** Prints the counters of the agent's pipeline. */
const READ_PIPELINE = `
  const { pipeline } = await (await fetch('http://127.0.0.1:13143/debug/counters')).json();
  console.log(JSON.stringify(pipeline));`;

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
    const replace = (content: string): Promise<void> => replaceFile(file, content);
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

  it('changes which traces and which ports are told of', async () => {
    await using overlay = await Overlay.create();
    const { lab, collector } = overlay;
    const node = lab.node('node1');
    const file = join(lab.folder, 'agent.yaml');
    const configure = (percentage: number, excluded: number): Promise<void> =>
      replaceFile(
        file,
        `
receivers: {ebpf_hops: {interfaces: {nic: [${node.nicName}], vport: ["veth*"]}}}
processors:
  probabilistic_sampler: {sampling_percentage: ${percentage}}
  hop_filter: {exclude: {ports: [${excluded}]}}
exporters: {otlp_grpc: {endpoint: "${collector.endpoint}", tls: {insecure: true}}}
`,
      );
    const port = Number(new URL(overlay.near).port);
    await configure(50, 1);
    const agent = node.spawn(process.execPath, [command, '--config', file, '--json']);
    await agent.waitForLine(/"msg":"ready"/, 30_000);
    const reloads = (): number =>
      agent.stderr.lines.filter((line) => line.includes('configuration reloaded')).length;
    /** Sends requests, and waits until request and response of each have been through the processors. */
    const send = async (round: number): Promise<readonly string[]> => {
      const { contexts } = await overlay.send(overlay.near, { count: COUNT });
      const isThrough = async (): Promise<boolean> => {
        const { stdout } = await node.exec(process.execPath, ['--input-type=module', '-e', READ_PIPELINE]);
        const { delivered, dropped_by_processor } = JSON.parse(stdout) as Record<string, number>;
        return (delivered ?? 0) + (dropped_by_processor ?? 0) >= 2 * COUNT * round;
      };
      await until(isThrough);
      return contexts;
    };
    const half = await send(1);
    await configure(100, port);
    await until(() => reloads() === 1);
    const none = await send(2);
    await configure(100, 1);
    await until(() => reloads() === 2);
    const all = await send(3);
    await agent.stop();

    const told = (contexts: readonly string[]): string[] =>
      contexts.filter((context) => overlay.hops().get(context)?.length === 2);
    assert.deepEqual(told(half), half.filter(isInUpperHalf));
    assert.deepEqual(told(none), []);
    assert.deepEqual(told(all), all);
    assert.equal(overlay.hops().size, half.filter(isInUpperHalf).length + COUNT, 'and of no others');
    assert.ok(agent.stderr.lines.every((line) => !line.includes('at the next start')));
  });
});

/** As a ConfigMap does it: the file is replaced, not written to. */
async function replaceFile(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}

/** Of `traceid-spanid`: the last 56 bits of the trace id, the first of which is set. */
function isInUpperHalf(context: string): boolean {
  return context.slice(18, 32) >= '8';
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('not within a minute');
}
