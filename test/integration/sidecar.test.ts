// SPDX-License-Identifier: Apache-2.0
// The recipes of examples/sidecar for proxies, each in the real program where there is one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHaproxy } from '../proxies/haproxy.ts';
import { startNginx } from '../proxies/nginx.ts';
import type { ProxyProcess } from '../proxies/proxy-process.ts';
import { contextOffset, headersOf, RecordingServer } from '../proxies/recording-server.ts';

const recipePath = (name: string): string =>
  fileURLToPath(import.meta.resolve(`../../examples/sidecar/${name}`));
const recipe = (name: string): string => readFileSync(recipePath(name), 'utf8');
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const sent = { cookie: 'c=1', 'x-one': '1', tracestate: 'a=1', traceparent: TRACEPARENT, 'x-two': '2' };

function send(url: string, headers: Record<string, string | string[]>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode));
    }).once('error', reject);
  });
}

/** What the server gets of a request that is sent through the proxy. */
async function passThrough(
  server: RecordingServer,
  proxy: ProxyProcess,
  headers: Record<string, string | string[]>,
): Promise<string> {
  assert.equal(await send(proxy.url, headers), 200);
  return server.requests.at(-1) ?? '';
}

describe('the context-first recipes', () => {
  const server = new RecordingServer();
  let target: string;
  before(async () => {
    target = await server.start();
  });
  after(() => server.stop());

  it('nginx: context in front of all, every other header kept', async () => {
    const proxy = await startNginx(target, recipe('nginx/context-first.conf'));
    try {
      const request = await passThrough(server, proxy, sent);
      const headers = headersOf(request);
      assert.deepEqual(headers.slice(0, 2), [
        ['traceparent', TRACEPARENT],
        ['tracestate', 'a=1'],
      ]);
      assert.equal(contextOffset(request), 'GET / HTTP/1.1\r\n'.length);
      for (const pair of [
        ['cookie', 'c=1'],
        ['x-one', '1'],
        ['x-two', '2'],
      ])
        assert.ok(headers.some(([name, value]) => name === pair[0] && value === pair[1]));
      const without = headersOf(await passThrough(server, proxy, { 'x-one': '1' }));
      assert.ok(without.every(([name]) => name !== 'traceparent' && name !== 'tracestate'));
    } finally {
      await proxy.stop();
    }
  });

  it('HAProxy: last without the Lua action, directly behind Host with it', async () => {
    const plain = await startHaproxy(target, [`http-request set-header traceparent ${TRACEPARENT}`]);
    try {
      assert.equal(headersOf(await passThrough(server, plain, { 'x-one': '1' })).at(-1)?.[0], 'traceparent');
    } finally {
      await plain.stop();
    }
    const rules = [`http-request set-header traceparent ${TRACEPARENT}`, 'http-request lua.context_first'];
    const proxy = await startHaproxy(target, rules, recipe('haproxy/context_first.lua'));
    try {
      const twice = { 'x-one': ['1', '2'], tracestate: 'a=1', cookie: 'c=1' };
      const headers = headersOf(await passThrough(server, proxy, twice));
      assert.deepEqual(
        headers.slice(0, 3).map(([name]) => name),
        ['host', 'traceparent', 'tracestate'],
      );
      assert.deepEqual(
        headers.filter(([name]) => name === 'x-one').map(([, value]) => value),
        ['1', '2'],
      );
      assert.ok(headers.some(([name, value]) => name === 'cookie' && value === 'c=1'));
      assert.equal(headers.length, new Set(headers.map((header) => header.join())).size, 'nothing doubled');
    } finally {
      await proxy.stop();
    }
  });

  it('Envoy: the Lua filter, against a stand-in for its header map (Envoy itself is not run)', () => {
    const standIn = recipePath('envoy/context_first.lua');
    const script = `
      dofile(arg[1])
      local list = { {":path","/"}, {"cookie","c"}, {"x","1"}, {"x","2"}, {"tracestate","a=1"}, {"traceparent","t"} }
      local map = { list = list }
      function map:get(name) for _, h in ipairs(self.list) do if h[1] == name then return h[2] end end end
      function map:remove(name)
        local kept = {}
        for _, h in ipairs(self.list) do if h[1] ~= name then kept[#kept + 1] = h end end
        self.list = kept
      end
      function map:add(name, value) self.list[#self.list + 1] = { name, value } end
      setmetatable(map, { __pairs = function(self)
        local i = 0
        return function() i = i + 1; local h = self.list[i]; if h then return h[1], h[2] end end
      end })
      envoy_on_request({ headers = function() return map end })
      for _, h in ipairs(map.list) do print(h[1] .. "=" .. h[2]) end`;
    const output = execFileSync('lua5.3', ['-', standIn], { input: script, encoding: 'utf8' });
    const expected = [':path=/', 'traceparent=t', 'tracestate=a=1', 'cookie=c', 'x=1', 'x=2'];
    assert.deepEqual(output.trim().split('\n'), expected);
  });

  it('Istio: the filter holds the same Lua text', () => {
    const indent = / {22}/g;
    const lua = recipe('envoy/context_first.lua')
      .replace(/^--.*\n/gm, '')
      .trim();
    assert.ok(recipe('envoy/istio-envoyfilter.yaml').replace(indent, '').includes(lua));
  });
});
