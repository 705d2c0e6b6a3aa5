// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { goAvailable } from './build.ts';
import { KubeCluster } from './cluster.ts';
import { helm, lintChart, type Manifest, parseManifests, renderChart } from './helm.ts';
import { createNamespace, pathOf } from './objects.ts';
import { DEPLOY_FOLDER, makePlainManifests } from './plain-manifests.ts';

const skip = process.env.CI ? false : (goAvailable() ?? false);
const NAMESPACE = 'observability';

describe("the agent's chart", { skip }, () => {
  let cluster: KubeCluster;
  before(async () => {
    cluster = await KubeCluster.start();
    await createNamespace(cluster, NAMESPACE);
  });
  after(() => cluster?.stop());

  const dryRun = async (path: string, object: Manifest): Promise<void> => {
    const { status, body } = await cluster.call('POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
    assert.equal(status, 201, `${object.kind}: ${body.message}`);
  };

  it('passes helm lint', async () => {
    assert.match(await lintChart(), /0 chart\(s\) failed/);
  });

  for (const [what, set] of [
    ['by default', []],
    [
      'with every option',
      [
        'vports={"processes":true,"criSocket":"/run/containerd/containerd.sock"}',
        'pods={"namespaces":["shop"],"labels":{"app":"web"},"in_topology":{"endpoint":"http://jaeger:16686"}}',
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
        await dryRun(pathOf(manifest), manifest);
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

  it('is what the plain manifests are made from', async () => {
    for (const [file, text] of Object.entries(await makePlainManifests())) {
      const committed = readFileSync(join(DEPLOY_FOLDER, file), 'utf8');
      assert.equal(committed, text, `${file} is stale: node test/k8s/plain-manifests.ts`);
    }
  });

  it('makes plain manifests that a real API server takes', async () => {
    const plain = parseManifests(readFileSync(join(DEPLOY_FOLDER, 'agent.yaml'), 'utf8'));
    const kinds = plain.map(({ kind }) => kind);
    assert.equal(kinds[0], 'Namespace', 'the others are created in it');
    assert.deepEqual(kinds.slice(1).toSorted(), [
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'DaemonSet',
      'ServiceAccount',
    ]);
    const [namespace] = plain;
    assert.equal((await cluster.call('POST', pathOf(namespace), namespace)).status, 201);
    for (const manifest of plain.slice(1)) await dryRun(pathOf(manifest), manifest);
  });

  it("makes a pod that pod security lets into the manifests' namespace, and not into one at baseline", async () => {
    const plain = parseManifests(readFileSync(join(DEPLOY_FOLDER, 'agent.yaml'), 'utf8'));
    const { labels } = plain[0].metadata;
    const { spec } = plain.find(({ kind }) => kind === 'DaemonSet').spec.template;
    const level = 'pod-security.kubernetes.io/enforce';
    for (const [name, namespaceLabels] of [
      ['labelled', labels],
      ['baseline', { [level]: 'baseline' }],
    ]) {
      await cluster.do('POST', '/api/v1/namespaces', { metadata: { name, labels: namespaceLabels } });
      await cluster.do('POST', `/api/v1/namespaces/${name}/serviceaccounts`, {
        metadata: { name: spec.serviceAccountName },
      });
    }
    const pod = (name: string) => ({ metadata: { name: 'agent', namespace: name }, spec });
    await dryRun('/api/v1/namespaces/labelled/pods', pod('labelled'));
    const path = '/api/v1/namespaces/baseline/pods?dryRun=All';
    const { status, body } = await cluster.call('POST', path, pod('baseline'));
    assert.equal(status, 403, body.message);
    assert.match(body.message, /violates PodSecurity "baseline:latest".*BPF.*host namespaces/);
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
