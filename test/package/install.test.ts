// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ExecResult } from '../../scripts/lib/exec.ts';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { fixtures, PackedRelease, type SdkLine, typeCheck, UserProject } from './user-project.ts';

const libraries = ['@hopspan/core', '@hopspan/bpf-probe', '@hopspan/exporter', '@hopspan/k8s-discovery'];

/** The agent is pinned to the 2.x line. */
const lines: readonly { line: SdkLine; sdk: string; packages: readonly string[] }[] = [
  { line: 'sdk-2', sdk: '@opentelemetry/sdk-trace-base', packages: [...libraries, '@hopspan/agent'] },
  { line: 'sdk-3', sdk: '@opentelemetry/sdk-trace', packages: libraries },
];

function assertSuccess({ status, output }: ExecResult): void {
  assert.equal(status, 0, output);
}

describe('installing without scripts and without a compiler', () => {
  let release: PackedRelease;
  before(async () => {
    release = await PackedRelease.make();
  });
  after(() => release[Symbol.dispose]());

  for (const { line, sdk, packages } of lines) {
    describe(`beside ${sdk}`, () => {
      let project: UserProject;
      before(async () => {
        project = await UserProject.create(release, line, packages);
      });

      it('finds no compiler to fall back on', async () => {
        const found = await project.run('sh', '-c', 'command -v cc gcc g++ clang make python3 node-gyp');
        assert.deepEqual([found.status !== 0, found.output], [true, '']);
      });

      it('gives a valid tree with one SDK for Hopspan and its user', async () => {
        assertSuccess(project.installed);
        assert.doesNotMatch(project.installed.output, /ERESOLVE|EBADENGINE/);
        const tree = await project.run('npm', 'ls', '--all', '--json');
        assertSuccess(tree);
        const { problems, dependencies } = JSON.parse(tree.stdout) as {
          problems?: string[];
          dependencies: Record<string, object>;
        };
        assert.equal(problems, undefined);
        for (const name of packages) assert.ok(dependencies[name], name);
        for (const name of libraries) {
          const nested = join(project.folder, 'node_modules', name, 'node_modules');
          assert.throws(() => readdirSync(nested), { code: 'ENOENT' }, `${name} brings modules of its own`);
        }
      });

      it('type-checks under strict by the types of the SDK', async () => {
        assertSuccess(
          await project.run('node', 'node_modules/typescript/bin/tsc', ...typeCheck, 'use-hopspan.ts'),
        );
      });

      it('catches a use that is wrong, so that the check above means something', async () => {
        const wrong =
          "import { HopSpanExporter } from '@hopspan/exporter'; new HopSpanExporter({ spanProcessor: {} });";
        const script = `printf '%s' "$1" > wrong.ts && exec node node_modules/typescript/bin/tsc ${typeCheck.join(' ')} wrong.ts`;
        const { status, output } = await project.run('sh', '-c', script, 'sh', wrong);
        assert.notEqual(status, 0);
        assert.match(output, /TS2739|onEnd/);
      });

      it('brings hops to the exporters, processors and tracers of the SDK', async () => {
        const result = await project.run('node', '--no-warnings', 'use-hopspan.ts');
        assertSuccess(result);
        assert.equal(result.output, '6 seams hold\n');
      });

      it('finds its native code and its BPF programs', async () => {
        const script = `import { checkSystem, listInterfaces, nativeClockSource } from '@hopspan/bpf-probe';
          if (!listInterfaces().some(({ ifname }) => ifname === 'lo')) throw new Error('no loopback');
          if (nativeClockSource.monotonicNs() <= 0n) throw new Error('no time');
          console.log(checkSystem().length > 0);`;
        const result = await project.run('node', '--input-type=module', '--eval', script);
        assertSuccess(result);
        assert.equal(result.stdout, 'true\n');
      });

      if (packages.includes('@hopspan/agent')) {
        it('gives the bundled agent, which reads its configuration', async () => {
          const settings = [
            'exporters::otlp_grpc::endpoint=http://127.0.0.1:4317',
            'service::pipelines::traces={receivers: [ebpf_hops], exporters: [otlp_grpc]}',
          ];
          const args = ['validate', ...settings.flatMap((setting) => ['--set', setting])];
          const result = await project.run('node_modules/.bin/hopspan-agent', ...args);
          assertSuccess(result);
          assert.match(result.output, /ok: ebpf_hops -> .*otlp_grpc/);
        });
      }
    });
  }

  it('is what the READMEs say to do: they name the versions that are tested here', () => {
    const tested = new Map<string, string[]>();
    for (const { line } of lines) {
      const text = readFileSync(join(fixtures, line, 'package.json'), 'utf8');
      const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
      for (const [name, version] of Object.entries(dependencies)) {
        tested.set(name, [...(tested.get(name) ?? []), version]);
      }
    }
    const readmes = globSync(['README.md', '{packages,examples}/*/README.md'], { cwd: repoRoot });
    let count = 0;
    for (const path of readmes) {
      const text = readFileSync(join(repoRoot, path), 'utf8');
      for (const [, name = '', version = ''] of text.matchAll(/(@opentelemetry\/[\w-]+)@([\w.]+\w)/g)) {
        const versions = tested.get(name);
        if (versions === undefined) continue;
        assert.ok(
          versions.includes(version),
          `${path} says ${name}@${version}, tested: ${versions.join(', ')}`,
        );
        count += 1;
      }
    }
    assert.ok(count >= 3, `only ${count} versions found in ${readmes.join(', ')}`);
  });
});
