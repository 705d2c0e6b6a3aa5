// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { Overlay } from '../integration/overlay.ts';
import { PackedRelease, type SdkLine, typeCheck, UserProject } from './user-project.ts';

const skip = process.geteuid?.() === 0 ? false : 'eBPF and network namespaces take root';

const libraries = ['@hopspan/core', '@hopspan/bpf-probe', '@hopspan/exporter'];
const example = readFileSync(join(repoRoot, 'examples/custom-agent/index.ts'), 'utf8');

/** The example, and what its README says to change for the other line. */
const lines: readonly { line: SdkLine; source: string; changes: number }[] = [
  { line: 'sdk-2', source: example, changes: 0 },
  {
    line: 'sdk-3',
    source: example
      .replace("'@opentelemetry/sdk-trace-base'", "'@opentelemetry/sdk-trace'")
      .replace(
        'new BatchSpanProcessor(spanExporter, queue)',
        'new BatchSpanProcessor({ exporter: spanExporter, ...queue })',
      ),
    changes: 2,
  },
];

describe('the custom agent in a project of a user', { skip }, () => {
  let release: PackedRelease;
  before(async () => {
    release = await PackedRelease.make();
  });
  after(() => release[Symbol.dispose]());

  for (const { line, source, changes } of lines) {
    describe(line, () => {
      let project: UserProject;
      before(async () => {
        project = await UserProject.create(release, line, libraries);
        assert.equal(project.installed.status, 0, project.installed.output);
        writeFileSync(join(project.folder, 'index.ts'), source);
      });

      it('differs from the example only where the README says so', () => {
        const original = example.split('\n');
        const changed = source.split('\n').filter((text, i) => text !== original[i]);
        assert.equal(changed.length, changes);
      });

      it('type-checks under strict', async () => {
        const { status, output } = await project.run(
          'node',
          'node_modules/typescript/bin/tsc',
          ...typeCheck,
          'index.ts',
        );
        assert.equal(status, 0, output);
      });

      it('sends the hop spans of real traffic to a collector', async () => {
        await using overlay = await Overlay.create();
        const node = overlay.lab.node('node1');
        const args = ['--nic', node.nicName, '--vport', 'veth*', '--endpoint', overlay.collector.endpoint];
        const agent = node.spawn(process.execPath, ['index.ts', ...args], { cwd: project.folder });
        await agent.waitForLine(/"msg":"ready"/);
        const { contexts } = await overlay.send(overlay.far, { count: 50 });
        assert.deepEqual(await agent.stop(), { code: 0, signal: null });
        const hops = overlay.hops();
        const names = contexts.map((context) =>
          hops
            .get(context)
            ?.map(({ name }) => name)
            .sort(),
        );
        // The request on its way out, the response on its way in.
        assert.deepEqual(names, Array(50).fill(['overlay receive', 'overlay transmit']));
        assert.equal(overlay.collector.spans().length, 100);
      });
    });
  }
});
