// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { repoRoot } from '../../scripts/lib/paths.ts';
import { goAvailable } from './build.ts';
import { KubeCluster } from './cluster.ts';
import { helm, lintChart, type Manifest, renderChart } from './helm.ts';
import { createNamespace } from './objects.ts';

const skip = process.env.CI ? false : (goAvailable() ?? false);
const NAMESPACE = 'observability';

/** Where objects of a kind are created. */
function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${scope}/${kind.toLowerCase()}s`;
}

describe("the agent's chart", { skip }, () => {
  let cluster: KubeCluster;
  before(async () => {
    cluster = await KubeCluster.start();
    await createNamespace(cluster, NAMESPACE);
  });
  after(() => cluster?.stop());

  it('passes helm lint', async () => {
    assert.match(await lintChart(), /0 chart\(s\) failed/);
  });

  for (const [what, set] of [
    ['by default', []],
    [
      'with every option',
      [
        'vports={"processes":true,"criSocket":"/run/containerd/containerd.sock"}',
        'pods={"namespaces":["shop"],"labels":{"app":"web"}}',
        'restartOnConfigChange=true',
        'config={"exporters":{"debug":{}}}',
        'extraEnv=[{"name":"A","value":"b"}]',
        'podAnnotations={"a":"b"}',
        'imagePullSecrets=[{"name":"s"}]',
        `image={"digest":"sha256:${'0'.repeat(64)}"}`,
      ],
    ],
  ] as const) {
    it(`is taken by a real API server ${what}`, async () => {
      for (const manifest of await renderChart(NAMESPACE, set)) {
        const path = `${pathOf(manifest)}?dryRun=All&fieldValidation=Strict`;
        const { status, body } = await cluster.call('POST', path, manifest);
        assert.equal(status, 201, `${manifest.kind}: ${body.message}`);
      }
    });
  }

  it('asks for three capabilities and no privilege, and for a fourth only where it is wanted', async () => {
    const container = async (set: readonly string[]) => {
      const manifests = await renderChart(NAMESPACE, set);
      return manifests.find(({ kind }) => kind === 'DaemonSet').spec.template.spec;
    };
    const plain = await container([]);
    const { securityContext } = plain.containers[0];
    assert.deepEqual(securityContext.capabilities, { drop: ['ALL'], add: ['BPF', 'PERFMON', 'NET_ADMIN'] });
    assert.equal(securityContext.privileged, false);
    assert.equal(securityContext.allowPrivilegeEscalation, false);
    assert.equal(securityContext.readOnlyRootFilesystem, true);
    assert.equal(plain.hostPID, undefined);
    assert.ok(plain.volumes.every((volume: Manifest) => volume.hostPath === undefined));
    const more = await container(['vports={"processes":true}']);
    assert.equal(more.hostPID, true);
    assert.ok(more.containers[0].securityContext.capabilities.add.includes('SYS_PTRACE'));
  });

  it('gives the rights of deploy/rbac.yaml', async () => {
    const text = readFileSync(join(repoRoot, 'examples/agent/deploy/rbac.yaml'), 'utf8');
    const role = (list: readonly Manifest[]) => list.find(({ kind }) => kind === 'ClusterRole').rules;
    const plain = parseAllDocuments(text).map((document) => document.toJS());
    assert.deepEqual(role(await renderChart(NAMESPACE)), role(plain));
  });

  it('refuses values that are none', async () => {
    await assert.rejects(renderChart(NAMESPACE, ['ports={"health":"x"}']), /got string, want integer/);
    await assert.rejects(renderChart(NAMESPACE, ['otpl={}']), /additional properties 'otpl' not allowed/);
    await assert.rejects(helm(['template', 'x', '/nowhere']), /not found/);
  });

  it('makes a configuration that says where spans go', async () => {
    const manifests = await renderChart(NAMESPACE, ['otlp={"endpoint":"http://c:4317"}']);
    const config = parse(manifests.find(({ kind }) => kind === 'ConfigMap').data['agent.yaml']);
    assert.deepEqual(config.exporters, { otlp_grpc: { endpoint: 'http://c:4317' } });
  });
});
