// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CriRuntime, NamedNamespaces } from '../../src/index.ts';

describe('NamedNamespaces', () => {
  it('has one for each file, and none without the folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-netns-'));
    writeFileSync(`${folder}/blue`, '');
    assert.deepEqual(await new NamedNamespaces(folder).list(), [
      {
        ...{ id: `${folder}/blue`, name: 'blue', labels: {}, addresses: [], hostNetwork: false },
        namespacePath: `${folder}/blue`,
      },
    ]);
    assert.deepEqual(await new NamedNamespaces(`${folder}/absent`).list(), []);
    await assert.rejects(new NamedNamespaces(`${folder}/blue`).list(), {
      code: 'HOPSPAN_ERR_CONTAINER_RUNTIME',
    });
    rmSync(folder, { recursive: true });
  });
});

describe('CriRuntime', () => {
  it('says that nobody answers', async () => {
    const cri = new CriRuntime('unix:///nowhere/containerd.sock');
    await assert.rejects(cri.list(), {
      code: 'HOPSPAN_ERR_CONTAINER_RUNTIME',
      message: /container runtime at unix:\/\/\/nowhere\/containerd\.sock: ListPodSandbox: .*UNAVAILABLE/,
    });
    await cri.close();
  });
});
