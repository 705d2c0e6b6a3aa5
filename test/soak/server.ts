// SPDX-License-Identifier: Apache-2.0
// Runs in a pod: does what the path says. Usage: server.ts NAME PORT
//   /status/N  status N, when the request has been read
//   /early/N   status N at once, before the body has come
//   /decoy/N   status N and a body, in a segment of its own, that looks like a response
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const DECOY = 'HTTP/1.1 599 Decoy\r\nContent-Length: 0\r\n\r\n';
const [name = '', port = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const [, action = '', status = '200'] = (request.url ?? '').split('/');
  response.setHeader('x-server', name);
  request.resume();
  if (action === 'early') answer(response, Number(status), 'early');
  else request.once('end', () => respond(request, response, action, Number(status)));
});
server.keepAliveTimeout = 600_000;
server.requestTimeout = 0;
server.listen(Number(port), () => process.stdout.write('listening\n'));

function respond(request: IncomingMessage, response: ServerResponse, action: string, status: number): void {
  if (action === 'decoy' && request.method !== 'HEAD') {
    response.writeHead(status, { 'content-length': DECOY.length });
    response.flushHeaders();
    setImmediate(() => response.end(DECOY));
  } else answer(response, status, 'ok');
}

function answer(response: ServerResponse, status: number, body: string): void {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? {} : { 'content-length': body.length });
  response.end(bodiless ? undefined : body);
}
