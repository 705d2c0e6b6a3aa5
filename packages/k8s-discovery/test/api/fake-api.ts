// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterAccess } from '../../src/access/cluster-access.ts';

/** A request as the fake saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly token?: string;
  readonly atMillis: number;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** Answers with one JSON document. */
export function json(body: object, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Answers a watch with events, and then ends it, or keeps it open. */
export function watch(events: readonly object[], end = true): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const event of events) response.write(`${JSON.stringify(event)}\n`);
    if (end) response.end();
  };
}

export function object(name: string, resourceVersion: string): { metadata: Record<string, string> } {
  return { metadata: { name, namespace: 'shop', uid: name, resourceVersion } };
}

/** A server that answers one request after the other from a script, and the last answer for ever. */
export class FakeApi implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;
  readonly #answers: Answer[];

  private constructor(answers: readonly Answer[]) {
    this.#answers = [...answers];
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(...answers: readonly Answer[]): Promise<FakeApi> {
    const api = new FakeApi(answers);
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  access(token?: string): ClusterAccess {
    const { port } = this.#server.address() as AddressInfo;
    return { server: `http://127.0.0.1:${port}`, origin: 'a test', credentials: async () => ({ token }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://fake');
    const seen = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      accept: request.headers.accept,
      token: request.headers.authorization,
      atMillis: performance.now(),
    };
    this.seen.push(seen);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    answer?.(response, seen);
  }
}
