// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { parseTraceParent } from '@hopspan/core';
import { forwardHeaders } from '../proxy/headers.ts';
import { createProxy } from '../proxy/proxy.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const off = { attach: false, detach: false };

describe('the headers that are sent on', () => {
  const raw = [
    'Host',
    'a',
    'Connection',
    'close, X-Hop',
    'X-Hop',
    '1',
    'cookie',
    'c',
    'traceparent',
    TRACEPARENT,
  ];

  it('have the context first, and none that ends at a hop', () => {
    assert.deepEqual(forwardHeaders(raw, off), ['traceparent', TRACEPARENT, 'Host', 'a', 'cookie', 'c']);
  });

  it('have no context with detach', () => {
    assert.deepEqual(forwardHeaders([...raw, 'tracestate', 'a=1', 'b3', '0'], { ...off, detach: true }), [
      ...['Host', 'a', 'cookie', 'c'],
    ]);
  });

  it('have a new sampled context with attach where there is none, or none that is valid', () => {
    for (const given of [
      [],
      ['traceparent', 'junk'],
      ['traceparent', TRACEPARENT, 'traceparent', TRACEPARENT],
    ]) {
      const [name, value = ''] = forwardHeaders(['Host', 'a', 'tracestate', 'a=1', ...given], {
        ...off,
        attach: true,
      });
      assert.equal(name, 'traceparent');
      assert.equal(parseTraceParent(value)?.traceFlags, 1);
      assert.notEqual(value, TRACEPARENT);
    }
    assert.deepEqual(forwardHeaders(['traceparent', TRACEPARENT], { ...off, attach: true }), [
      ...['traceparent', TRACEPARENT],
    ]);
  });
});

describe('the proxy', () => {
  it('passes requests with bodies and their answers on, and says when the target is gone', async () => {
    const seen: string[][] = [];
    const target = createServer(async (incoming, outgoing) => {
      seen.push(incoming.rawHeaders);
      outgoing.writeHead(201, { 'x-answer': 'yes' }).end(`${incoming.method} ${await text(incoming)}`);
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as AddressInfo;
    const proxy = createProxy({ ...off, target: new URL(`http://127.0.0.1:${port}`) }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const proxyPort = (proxy.address() as AddressInfo).port;
    const headers = { 'content-type': 'text/plain', traceparent: TRACEPARENT };
    const posted = await send({ port: proxyPort, method: 'POST', headers }, 'a body');
    assert.deepEqual(posted, { status: 201, answer: 'yes', body: 'POST a body' });
    assert.deepEqual(seen[0]?.slice(0, 2), ['traceparent', TRACEPARENT]);
    const got = await send({ port: proxyPort, method: 'GET', headers }, undefined);
    assert.deepEqual(got, { status: 201, answer: 'yes', body: 'GET ' });
    target.close();
    target.closeAllConnections();
    await once(target, 'close');
    assert.equal((await send({ port: proxyPort, method: 'GET', headers }, undefined)).status, 502);
    proxy.close();
    proxy.closeAllConnections();
    await once(proxy, 'close');
  });
});

async function send(options: RequestOptions, body: string | undefined) {
  const sent = request({ host: '127.0.0.1', agent: false, ...options }).end(body);
  const [answer] = await once(sent, 'response');
  return { status: answer.statusCode, answer: answer.headers['x-answer'], body: await text(answer) };
}
