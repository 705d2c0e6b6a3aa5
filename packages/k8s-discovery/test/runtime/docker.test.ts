// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { DockerRuntime } from '../../src/index.ts';

const id = (letter: string): string => letter.repeat(64).replaceAll(/[^0-9a-f]/g, '0');

/** Answers as the engine does, out of lists that a test may change. */
const engine = {
  containers: [] as object[],
  inspected: new Map<string, object>(),
  asked: [] as string[],
  events: [] as ServerResponse[],
  failure: undefined as string | undefined,
};

describe('DockerRuntime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopspan-docker-'));
  const socket = `${folder}/docker.sock`;
  let server: Server;
  before(async () => {
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://docker').pathname;
      engine.asked.push(path);
      if (engine.failure !== undefined) response.writeHead(500).end(engine.failure);
      else if (path === '/events') {
        response.writeHead(200).flushHeaders();
        engine.events.push(response);
      } else if (path === '/containers/json') response.end(JSON.stringify(engine.containers));
      else {
        const found = engine.inspected.get(path.split('/')[2] ?? '');
        if (found === undefined) response.writeHead(404).end('{"message":"No such container"}');
        else response.end(JSON.stringify(found));
      }
    }).listen(socket);
    await once(server, 'listening');
  });
  after(() => {
    for (const events of engine.events) events.end();
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    engine.containers = [];
    engine.inspected.clear();
    engine.asked = [];
    engine.failure = undefined;
  });

  const listed = (letter: string, more: object = {}) => ({
    Id: id(letter),
    Names: [`/${letter}`],
    Image: 'img',
    ...more,
  });

  it('lists what runs, with addresses of every network, process and namespace', async () => {
    const networks = {
      one: { IPAddress: '172.17.0.2', GlobalIPv6Address: '' },
      two: { IPAddress: '', GlobalIPv6Address: 'fd00::2' },
    };
    engine.containers = [
      listed('a', {
        Labels: { k: 'v' },
        NetworkSettings: { Networks: networks },
        HostConfig: { NetworkMode: 'bridge' },
      }),
      listed('b', { Labels: null, HostConfig: { NetworkMode: 'host' } }),
    ];
    engine.inspected.set(id('a'), {
      State: { Pid: 42 },
      NetworkSettings: { SandboxKey: '/run/docker/netns/a' },
    });
    engine.inspected.set(id('b'), { State: { Pid: 43 } });
    const docker = new DockerRuntime(`unix://${socket}`);
    assert.deepEqual(await docker.list(), [
      {
        ...{ id: id('a'), name: 'a', image: 'img', labels: { k: 'v' }, addresses: ['172.17.0.2', 'fd00::2'] },
        ...{ hostNetwork: false, pid: 42, namespacePath: '/run/docker/netns/a' },
      },
      { id: id('b'), name: 'b', image: 'img', labels: {}, addresses: [], hostNetwork: true, pid: 43 },
    ]);
    await docker.close();
  });

  it('leaves out what shares the network of another, and what has ended meanwhile', async () => {
    engine.containers = [listed('a', { HostConfig: { NetworkMode: `container:${id('b')}` } }), listed('c')];
    const docker = new DockerRuntime(socket);
    assert.deepEqual(await docker.list(), []);
    await docker.close();
  });

  it('looks at a container once, and again when it was started again', async () => {
    engine.containers = [listed('a')];
    engine.inspected.set(id('a'), { State: { Pid: 42 } });
    const docker = new DockerRuntime(socket);
    let changes = 0;
    docker.watch(() => {
      changes += 1;
    });
    while (changes === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await docker.list();
    await docker.list();
    const inspections = () => engine.asked.filter((path) => path === `/containers/${id('a')}/json`).length;
    assert.equal(inspections(), 1);
    engine.inspected.set(id('a'), { State: { Pid: 77 } });
    const before_ = changes;
    engine.events.at(-1)?.write(`{"Type":"container","Action":"start","id":"${id('a')}"}\n`);
    while (changes === before_) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await docker.list())[0]?.pid, 77);
    assert.equal(inspections(), 2);
    await docker.close();
  });

  it('says which engine failed and how', async () => {
    engine.failure = 'daemon is on fire';
    const docker = new DockerRuntime(socket);
    await assert.rejects(docker.list(), {
      code: 'HOPSPAN_ERR_CONTAINER_RUNTIME',
      message: `Docker Engine at ${socket}: GET /containers/json answers 500 daemon is on fire`,
    });
    await docker.close();
    const absent = new DockerRuntime(`unix://${folder}/absent.sock`);
    await assert.rejects(absent.list(), {
      code: 'HOPSPAN_ERR_CONTAINER_RUNTIME',
      message: /absent\.sock: .*ENOENT/,
    });
    await absent.close();
  });
});
