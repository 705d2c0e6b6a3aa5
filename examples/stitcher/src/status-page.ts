// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OPEN_METRICS_CONTENT_TYPE } from '@hopspan/exporter';
import type { Receiver } from './receivers.ts';

/** What the page tells of. */
export interface StatusSource {
  state(): 'starting' | 'ok' | 'stopping';
  counters(): object;
  metrics(): string;
}

/** `/`: 200 while it works, else 503. `/metrics`: OpenMetrics. `/debug/counters`: every counter as JSON. */
export async function listenStatus(address: string, source: StatusSource): Promise<Receiver> {
  const separator = address.lastIndexOf(':');
  const server = createServer((request, response) => {
    const { code, type, body } = answer(request.url ?? '/', source);
    response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const host = address.slice(0, separator).replace(/^\[(.*)\]$/, '$1');
    server.listen(Number(address.slice(separator + 1)), host, resolve);
  });
  return {
    endpoint: `http://${address.slice(0, separator)}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(url: string, source: StatusSource): { code: number; type: string; body: string } {
  const json = (code: number, value: object) => ({
    code,
    type: 'application/json; charset=utf-8',
    body: `${JSON.stringify(value)}\n`,
  });
  if (url === '/metrics') return { code: 200, type: OPEN_METRICS_CONTENT_TYPE, body: source.metrics() };
  if (url === '/debug/counters') return json(200, source.counters());
  if (url !== '/') return { code: 404, type: 'text/plain; charset=utf-8', body: 'not found\n' };
  return json(source.state() === 'ok' ? 200 : 503, { status: source.state() });
}
