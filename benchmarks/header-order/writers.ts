// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createProxy } from '@hopspan/example-sidecar/proxy/proxy.ts';
import { startHaproxy } from '@hopspan/test/proxies/haproxy.ts';
import { startNginx } from '@hopspan/test/proxies/nginx.ts';
import type { ProxyProcess } from '@hopspan/test/proxies/proxy-process.ts';
import { browserHeaders, cookieHeaders, cookieSizes } from './cookies.ts';

/** Somebody who writes requests: sends one for each size of cookie to the server at this URL. */
export interface Writer {
  readonly name: string;
  readonly recipe: string;
  send(url: string, withRecipe: boolean): Promise<void>;
}

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const run = promisify(execFile);
const recipe = (name: string): string =>
  readFileSync(fileURLToPath(import.meta.resolve(`@hopspan/example-sidecar/${name}`)), 'utf8');

/** A client in a process of its own, since instrumentation stays where it was registered. */
async function runClient(url: string, client: 'http' | 'fetch', withRecipe: boolean): Promise<void> {
  const script = fileURLToPath(new URL('client-process.ts', import.meta.url));
  await run(process.execPath, [script, url, client, withRecipe ? 'recipe' : 'plain']);
}

/** Sends through a proxy, with the context where the client's own tracing puts it: last. */
async function sendThrough(proxy: ProxyProcess, context: Record<string, string>): Promise<void> {
  try {
    for (const bytes of cookieSizes) {
      const headers = { ...browserHeaders, ...cookieHeaders(bytes), ...context };
      const request = get(proxy.url, { headers, agent: false });
      const [answer] = await once(request, 'response');
      answer.resume();
      await once(answer, 'end');
    }
  } finally {
    await proxy.stop();
  }
}

const received = { traceparent: TRACEPARENT };
const haproxyContext = `http-request set-header traceparent ${TRACEPARENT}`;

export const writers: readonly Writer[] = [
  {
    name: 'node:http, OpenTelemetry',
    recipe: 'node/http-client.ts',
    send: (url, withRecipe) => runClient(url, 'http', withRecipe),
  },
  {
    name: 'fetch, OpenTelemetry',
    recipe: 'node/undici-requests.ts',
    send: (url, withRecipe) => runClient(url, 'fetch', withRecipe),
  },
  {
    name: 'nginx',
    recipe: 'nginx/context-first.conf',
    send: async (url, withRecipe) => {
      const directives = withRecipe ? recipe('nginx/context-first.conf') : '';
      await sendThrough(await startNginx(url, directives), received);
    },
  },
  {
    name: 'HAProxy',
    recipe: 'haproxy/context_first.lua',
    send: async (url, withRecipe) => {
      const rules = withRecipe ? [haproxyContext, 'http-request lua.context_first'] : [haproxyContext];
      const lua = withRecipe ? recipe('haproxy/context_first.lua') : undefined;
      await sendThrough(await startHaproxy(url, rules, lua), {});
    },
  },
  {
    name: 'reverse proxy in Node',
    recipe: 'proxy/proxy.ts',
    send: async (url, withRecipe) => {
      if (withRecipe) await sendThrough(await startOwnProxy(url), received);
      else await sendThrough({ url, stop: async () => undefined }, received);
    },
  },
];

async function startOwnProxy(url: string): Promise<ProxyProcess> {
  const server = createProxy({ target: new URL(url), attach: false, detach: false }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}
