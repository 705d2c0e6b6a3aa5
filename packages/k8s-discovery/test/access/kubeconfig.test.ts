// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ClusterAccess, loadInClusterAccess, loadKubeconfig } from '../../src/index.ts';

const execVersion = 'client.authentication.k8s.io/v1';

describe('loadKubeconfig', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hopspan-kubeconfig-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function write(text: string): string {
    const path = join(folder, 'config');
    writeFileSync(path, text);
    return path;
  }

  /** A kubeconfig of one context; JSON is YAML. */
  function config(user: object, cluster: object = { server: 'https://api:6443/' }): string {
    const document = {
      'current-context': 'one',
      contexts: [
        { name: 'one', context: { cluster: 'c', user: 'u' } },
        { name: 'two', context: { cluster: 'd', user: 'u' } },
        { name: 'broken', context: { cluster: 'nowhere', user: 'u' } },
      ],
      clusters: [
        { name: 'c', cluster },
        { name: 'd', cluster: { server: 'http://localhost:8001', 'proxy-url': 'http://proxy:3128' } },
      ],
      users: [{ name: 'u', user }],
    };
    return write(JSON.stringify(document));
  }

  it('takes the current context, or the one that is asked for', async () => {
    const path = config({ token: 't' });
    const one = await loadKubeconfig({ path });
    assert.deepEqual(
      [one.server, (await one.credentials()).token, one.proxyUrl],
      ['https://api:6443', 't', undefined],
    );
    const two = await loadKubeconfig({ path, context: 'two' });
    assert.deepEqual([two.server, two.proxyUrl], ['http://localhost:8001', 'http://proxy:3128']);
    assert.equal(
      (await loadKubeconfig({ path, context: 'two', proxyUrl: 'http://mine' })).proxyUrl,
      'http://mine',
    );
  });

  it('reads files anew, relative to itself, and lets data win', async () => {
    const ca = { server: 'https://api', 'certificate-authority': 'ca.pem', 'tls-server-name': 'kubernetes' };
    const access = await loadKubeconfig({ path: config({ tokenFile: 'token' }, ca) });
    writeFileSync(join(folder, 'token'), 'first\n');
    writeFileSync(join(folder, 'ca.pem'), 'CA');
    assert.deepEqual(await access.credentials(), {
      token: 'first',
      cert: undefined,
      key: undefined,
      ca: 'CA',
    });
    assert.equal(access.serverName, 'kubernetes');
    writeFileSync(join(folder, 'token'), 'second');
    assert.equal((await access.credentials()).token, 'second');
    const data = { ...ca, 'certificate-authority-data': Buffer.from('DATA').toString('base64') };
    assert.equal((await (await loadKubeconfig({ path: config({}, data) })).credentials()).ca, 'DATA');
  });

  const faults: Readonly<Record<string, [() => string, RegExp, string?]>> = {
    'a file that is not there': [() => join(folder, 'none'), /cannot be read \(ENOENT\)/],
    'what is not YAML': [() => write('a: [b'), /not YAML/],
    'an empty file': [() => write(''), /no configuration/],
    'no current context': [() => write('contexts: []'), /no current-context; .*none/],
    'an unknown context': [() => config({}), /no context 'three'; it has: one, two, broken/, 'three'],
    'a cluster that is not there': [() => config({}), /cluster 'nowhere', which is not there/, 'broken'],
    'no server': [() => config({}, {}), /server is 'undefined'; expected https/],
    'a password': [() => config({ username: 'a', password: 'b' }), /'username', which is not supported/],
    'another identity': [() => config({ token: 't', as: 'root' }), /'as', which is not supported/],
    'a CA that is not to be looked at': [
      () =>
        config({}, { server: 'https://a', 'certificate-authority': 'x', 'insecure-skip-tls-verify': true }),
      /exclude each other/,
    ],
    'an exec plugin of an old version': [
      () => config({ exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'x' } }),
      /expected client\.authentication\.k8s\.io\/v1 or/,
    ],
    'an exec plugin that wants a terminal': [
      () => config({ exec: { apiVersion: execVersion, command: 'x', interactiveMode: 'Always' } }),
      /wants a terminal/,
    ],
    'an exec plugin without a command': [() => config({ exec: { apiVersion: execVersion } }), /no command/],
  };
  for (const [what, [make, message, context]] of Object.entries(faults)) {
    it(`refuses ${what}`, async () => {
      const path = make();
      await assert.rejects(loadKubeconfig({ path, context }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'HOPSPAN_ERR_KUBE_CONFIG');
        assert.match(error.message, message);
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
    });
  }

  describe('with an exec plugin', () => {
    function plugin(script: string, exec: object = {}): Promise<ClusterAccess> {
      const file = join(folder, 'plugin');
      writeFileSync(file, `#!/bin/sh\necho >> "${join(folder, 'runs')}"\n${script}\n`);
      chmodSync(file, 0o755);
      return loadKubeconfig({
        path: config({ exec: { apiVersion: execVersion, command: './plugin', ...exec } }),
      });
    }
    const status = (fields: object) =>
      `echo '${JSON.stringify({ apiVersion: execVersion, status: fields })}'`;

    it('keeps its token until it is refused', async () => {
      const runs = join(folder, 'runs');
      const access = await plugin(`printf '{"status":{"token":"%d"}}' "$(wc -l < "${runs}")"`);
      rmSync(runs, { force: true });
      const tokens = [await access.credentials(), await access.credentials()].map(({ token }) =>
        token?.trim(),
      );
      assert.deepEqual(tokens, ['1', '1']);
      access.refused?.();
      assert.equal((await access.credentials()).token, '2');
    });

    it('runs it again when its token is about to expire', async () => {
      const soon = new Date(Date.now() + 5000).toISOString();
      const access = await plugin(status({ token: 't', expirationTimestamp: soon }));
      rmSync(join(folder, 'runs'), { force: true });
      await access.credentials();
      await access.credentials();
      assert.equal(readFileSync(join(folder, 'runs'), 'utf8').length, 2);
    });

    it('gives it its arguments, its environment and what it asks about the cluster', async () => {
      const script = `printf '{"status":{"token":"%s %s %s"}}' "$1" "$WHO" "$(printf %s "$KUBERNETES_EXEC_INFO" | tr -d '"')"`;
      const access = await plugin(script, {
        args: ['-x'],
        env: [{ name: 'WHO', value: 'me' }],
        provideClusterInfo: true,
      });
      const { token } = await access.credentials();
      assert.match(
        token ?? '',
        /^-x me \{apiVersion:.*spec:\{interactive:false,cluster:\{server:https:\/\/api:6443\//,
      );
    });

    const bad: Readonly<Record<string, [string, RegExp]>> = {
      'that fails': ['echo no login >&2; exit 3', /failed with status 3: no login\. Install me\./],
      'that prints nonsense': ['echo hello', /not JSON/],
      'that gives nothing': [status({}), /neither a token nor a client certificate/],
    };
    for (const [what, [script, message]] of Object.entries(bad)) {
      it(`says what is wrong with one ${what}`, async () => {
        const access = await plugin(script, { installHint: 'Install me.' });
        await assert.rejects(access.credentials(), { code: 'HOPSPAN_ERR_KUBE_CREDENTIALS', message });
      });
    }

    it('says so when there is none', async () => {
      const access = await plugin('', { command: 'hopspan-no-such-plugin' });
      await assert.rejects(access.credentials(), /cannot be run \(ENOENT\)/);
    });
  });
});

describe('loadInClusterAccess', () => {
  it('says what to do when no service account is mounted', async () => {
    await assert.rejects(loadInClusterAccess({ folder: '/nonexistent' }), {
      code: 'HOPSPAN_ERR_KUBE_CONFIG',
      message: /no \/nonexistent\/token\. .*kubeconfig/,
    });
  });

  it('reads token and CA anew for each request', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-account-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'token'), 'one');
    writeFileSync(join(folder, 'ca.crt'), 'CA');
    const access = await loadInClusterAccess({ folder, host: 'fd00::1', port: 6443 });
    assert.deepEqual(
      [access.server, await access.credentials()],
      ['https://[fd00::1]:6443', { token: 'one', ca: 'CA' }],
    );
    writeFileSync(join(folder, 'token'), 'two');
    assert.equal((await access.credentials()).token, 'two');
    writeFileSync(join(folder, 'token'), '');
    await assert.rejects(access.credentials(), {
      code: 'HOPSPAN_ERR_KUBE_CREDENTIALS',
      message: /token is empty/,
    });
  });
});
