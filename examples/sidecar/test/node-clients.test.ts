// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { get, Agent as HttpAgent } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { headersOf, RecordingServer } from '@hopspan/test/proxies/recording-server.ts';
import { Agent, request } from 'undici';
import { putContextFirst as putFirstInHttp } from '../node/http-client.ts';
import { contextFirstInterceptor } from '../node/undici-interceptor.ts';
import { putContextFirst as putFirstInUndici } from '../node/undici-requests.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('Node clients', () => {
  const server = new RecordingServer();
  let url: string;
  before(async () => {
    url = await server.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    server.requests.length = 0;
  });
  const names = () => headersOf(server.requests.at(-1) ?? '').map(([name]) => name);

  it('node:http: first of all, values and repeated headers kept', async () => {
    const agent = new HttpAgent();
    const send = () =>
      new Promise((resolve, reject) => {
        const headers = { Cookie: 'c', 'X-Two': ['1', '2'], traceparent: TRACEPARENT };
        get(url, { agent, headers }, (answer) => answer.resume().once('end', resolve)).once('error', reject);
      });
    const stop = putFirstInHttp();
    await send();
    stop();
    const [first, ...others] = headersOf(server.requests.at(-1) ?? '');
    assert.deepEqual(first, ['traceparent', TRACEPARENT]);
    assert.deepEqual(others.slice(0, 3), [
      ['cookie', 'c'],
      ['x-two', '1'],
      ['x-two', '2'],
    ]);
    await send();
    assert.equal(names()[0], 'cookie', 'stopped');
  });

  it('fetch: in front of what the caller gave, also when it was added last', async () => {
    const created = channel('undici:request:create');
    const addContext = (message: unknown) =>
      (message as { request: { addHeader(name: string, value: string): void } }).request.addHeader(
        'traceparent',
        TRACEPARENT,
      );
    created.subscribe(addContext);
    const stop = putFirstInUndici();
    await (await fetch(url, { headers: { cookie: 'c', 'x-one': '1' } })).arrayBuffer();
    stop();
    created.unsubscribe(addContext);
    const own = names().filter((name) => name !== 'host' && name !== 'connection');
    assert.equal(own[0], 'traceparent');
    assert.ok(own.includes('cookie') && own.includes('x-one'));
    assert.equal(names().indexOf('traceparent'), 2, 'behind Host and Connection, which undici writes');
  });

  it('undici: the interceptor takes headers in each of their forms', async () => {
    const dispatcher = new Agent().compose(contextFirstInterceptor);
    const list = ['cookie', 'c', 'traceparent', TRACEPARENT];
    const object = { cookie: 'c', 'x-one': ['1', '2'], traceparent: TRACEPARENT };
    for (const headers of [list, object, new Map(Object.entries(object))]) {
      await (await request(url, { dispatcher, headers })).body.dump();
      const own = names().filter((name) => name !== 'host' && name !== 'connection');
      assert.deepEqual(own.slice(0, 2), ['traceparent', 'cookie']);
    }
    await (await request(url, { dispatcher })).body.dump();
    await dispatcher.close();
  });
});
