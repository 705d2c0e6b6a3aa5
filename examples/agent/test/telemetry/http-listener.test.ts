// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ListenError } from '../../src/errors.ts';
import { HttpListener } from '../../src/telemetry/http-listener.ts';

const options = { host: '127.0.0.1', port: 0, what: 'the test', option: 'a::b' };
const answer = (url: URL) =>
  url.pathname === '/a' ? { status: 200, type: 'text/plain', body: 'hello' } : undefined;

describe('HttpListener', () => {
  it('answers what it knows, and says so when it does not', async (context) => {
    const listener = await HttpListener.open(options, answer);
    context.after(() => listener.close());
    const found = await fetch(`http://${listener.address}/a?b`);
    assert.deepEqual(
      [found.status, found.headers.get('content-type'), await found.text()],
      [200, 'text/plain', 'hello'],
    );
    assert.equal((await fetch(`http://${listener.address}/b`)).status, 404);
    assert.equal((await fetch(`http://${listener.address}/a`, { method: 'POST' })).status, 405);
  });

  it('says which option to change when the port is taken', async (context) => {
    const first = await HttpListener.open(options, answer);
    context.after(() => first.close());
    const port = Number(first.address.split(':')[1]);
    await assert.rejects(HttpListener.open({ ...options, port }, answer), (error) => {
      assert.ok(error instanceof ListenError);
      assert.equal(
        error.message,
        `the test cannot listen on 127.0.0.1:${port}: the address is in use by another process; set a::b`,
      );
      return true;
    });
  });

  it('closes although a client keeps its connection', async () => {
    const listener = await HttpListener.open(options, answer);
    await (await fetch(`http://${listener.address}/a`)).text();
    await listener.close();
    await assert.rejects(fetch(`http://${listener.address}/a`));
  });
});
