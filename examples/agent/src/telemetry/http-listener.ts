// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { ListenError } from '../errors.ts';

/** What a handler answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Where to listen, and how to say that it failed. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** What listens, as the subject of the error. */
  readonly what: string;
  /** The key of the configuration that changes the address. */
  readonly option: string;
}

/** A small HTTP server that answers GET requests by their path. */
export class HttpListener {
  readonly #server: Server;
  /** host:port that it listens on. */
  readonly address: string;

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** Rejects with ListenError when the address cannot be had. */
  static async open(
    options: ListenOptions,
    answer: (url: URL) => HttpAnswer | undefined,
  ): Promise<HttpListener> {
    const { host, port, what, option } = options;
    const server = createServer((request, response) => {
      const { status, type, body } = answerRequest(request, answer);
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? '' : body);
    });
    server.headersTimeout = 5000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new ListenError(what, formatAddress(host, port), option, error)),
      );
      server.listen(port, host, resolve);
    });
    return new HttpListener(server, formatAddress(host, (server.address() as AddressInfo).port));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

/** The address in the form that goes into a URL. */
export function formatAddress(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function answerRequest(request: IncomingMessage, answer: (url: URL) => HttpAnswer | undefined): HttpAnswer {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD\n');
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  return (url && answer(url)) ?? text(404, 'not found\n');
}

function text(status: number, body: string): HttpAnswer {
  return { status, type: 'text/plain; charset=utf-8', body };
}
