// SPDX-License-Identifier: Apache-2.0
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { type ContextHandling, forwardHeaders } from './headers.ts';

export interface ProxyOptions extends ContextHandling {
  /** Where requests go: `http://HOST:PORT`. */
  readonly target: URL;
}

/** A reverse proxy that sends each request on with its context first, or without one. Not listening yet. */
export function createProxy(options: ProxyOptions): Server {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, agent, options));
  server.once('close', () => agent.destroy());
  return server;
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  agent: Agent,
  { target, ...handling }: ProxyOptions,
): void {
  const { method, url: path } = incoming;
  const headers = forwardHeaders(incoming.rawHeaders, handling);
  const { hostname: host, port } = target;
  const upstream = request({ agent, host, port, method, path, headers });
  upstream.once('response', (answer) => {
    outgoing.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage,
      forwardHeaders(answer.rawHeaders, asIs),
    );
    pipeline(answer, outgoing, () => undefined);
  });
  upstream.on('error', (error) => fail(outgoing, error));
  outgoing.once('close', () => upstream.destroy());
  pipeline(incoming, upstream, () => undefined);
}

const asIs: ContextHandling = { attach: false, detach: false };

/** 502 as long as nothing was answered; a torn answer is torn for the client, too. */
function fail(outgoing: ServerResponse, error: Error): void {
  if (outgoing.headersSent) outgoing.destroy();
  else
    outgoing
      .writeHead(502, { 'content-type': 'text/plain' })
      .end(`the target did not answer: ${error.message}\n`);
}
