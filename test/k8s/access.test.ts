// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type ClusterAccess,
  KubeDiscovery,
  loadInClusterAccess,
  loadKubeconfig,
} from '@hopspan/k8s-discovery';
import { AGENT_ACCOUNT, AGENT_NAMESPACE, applyAgentRbac, mountAgentAccount } from './agent-account.ts';
import { goAvailable } from './build.ts';
import { KubeCluster } from './cluster.ts';
import { DiagRecorder } from './diag-recorder.ts';
import { until } from './until.ts';

const skip = process.env.CI ? false : (goAvailable() ?? false);

/** A proxy for HTTPS, as HTTPS_PROXY names one. */
async function startProxy(): Promise<{ server: Server; url: string; connects: string[] }> {
  const connects: string[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, client) => {
    connects.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
    client.on('close', () => target.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connects };
}

describe('ways to a real API server', { skip }, () => {
  let cluster: KubeCluster;
  before(async () => {
    cluster = await KubeCluster.start();
    await applyAgentRbac(cluster);
  });
  after(() => cluster?.stop());

  async function assertFollows(access: ClusterAccess): Promise<void> {
    const discovery = new KubeDiscovery({ access, nodeName: 'node-1', initialBackoffMillis: 100 });
    try {
      discovery.start();
      await until('all is listed and watched', () => discovery.live);
      assert.ok(discovery.namespaces().some(({ name }) => name === AGENT_NAMESPACE));
      assert.equal(discovery.counters().errors, 0);
    } finally {
      await discovery.shutdown();
    }
  }

  /** Writes a kubeconfig; JSON is YAML. */
  function writeKubeconfig(name: string, user: object, clusterFields: object = {}): string {
    const path = join(cluster.folder, name);
    const fields = { server: cluster.url, 'certificate-authority': 'ca.crt', ...clusterFields };
    const document = {
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: fields }],
      users: [{ name: 'u', user }],
    };
    writeFileSync(path, JSON.stringify(document));
    return path;
  }

  it('by a client certificate, from files and from the document', async () => {
    const { adminCertFile, adminKeyFile, caFile } = cluster.certificates;
    const files = { 'client-certificate': 'admin.crt', 'client-key': 'admin.key' };
    await assertFollows(await loadKubeconfig({ path: writeKubeconfig('files.yaml', files) }));
    const base64 = (file: string) => readFileSync(file).toString('base64');
    const data = {
      'client-certificate-data': base64(adminCertFile),
      'client-key-data': base64(adminKeyFile),
    };
    const ca = { 'certificate-authority': undefined, 'certificate-authority-data': base64(caFile) };
    await assertFollows(await loadKubeconfig({ path: writeKubeconfig('data.yaml', data, ca) }));
  });

  it('by a token, and by a token file', async () => {
    const token = await cluster.createToken(AGENT_NAMESPACE, AGENT_ACCOUNT);
    await assertFollows(await loadKubeconfig({ path: writeKubeconfig('token.yaml', { token }) }));
    writeFileSync(join(cluster.folder, 'token'), `${token}\n`);
    await assertFollows(await loadKubeconfig({ path: writeKubeconfig('file.yaml', { tokenFile: 'token' }) }));
  });

  it('by an exec plugin', async () => {
    const token = await cluster.createToken(AGENT_NAMESPACE, AGENT_ACCOUNT);
    const apiVersion = 'client.authentication.k8s.io/v1';
    const answer = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token } });
    const plugin = join(cluster.folder, 'plugin.sh');
    writeFileSync(plugin, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\n`);
    chmodSync(plugin, 0o755);
    const exec = { apiVersion, command: './plugin.sh', interactiveMode: 'Never' };
    await assertFollows(await loadKubeconfig({ path: writeKubeconfig('exec.yaml', { exec }) }));
  });

  it('without a look at its certificate, with a warning', async () => {
    using diag = new DiagRecorder();
    const token = await cluster.createToken(AGENT_NAMESPACE, AGENT_ACCOUNT);
    const insecure = { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true };
    await assertFollows(
      await loadKubeconfig({ path: writeKubeconfig('insecure.yaml', { token }, insecure) }),
    );
    assert.match(diag.warnings.join(), /insecure-skip-tls-verify is set/);
  });

  it('through a proxy', async () => {
    const proxy = await startProxy();
    const { port } = new URL(cluster.url);
    const folder = await mountAgentAccount(cluster);
    const access = await loadInClusterAccess({
      host: '127.0.0.1',
      port: Number(port),
      folder,
      proxyUrl: proxy.url,
    });
    await assertFollows(access);
    assert.ok(proxy.connects.length > 0);
    assert.deepEqual([...new Set(proxy.connects)], [`127.0.0.1:${port}`]);
    proxy.server.closeAllConnections();
    proxy.server.close();
  });

  it('refuses a server whose certificate is of somebody else', async () => {
    using diag = new DiagRecorder();
    const token = await cluster.createToken(AGENT_NAMESPACE, AGENT_ACCOUNT);
    const access = await loadKubeconfig({
      path: writeKubeconfig('other.yaml', { token }, { 'tls-server-name': 'other' }),
    });
    const discovery = new KubeDiscovery({ access, nodeName: 'node-1', initialBackoffMillis: 100 });
    discovery.start();
    await until('it was refused', () => (discovery.counters().errors ?? 0) >= 5);
    await discovery.shutdown();
    assert.equal(discovery.live, false);
    assert.match(diag.warnings.join(), /other/);
  });
});
