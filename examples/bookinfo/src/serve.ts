// SPDX-License-Identifier: Apache-2.0
import { createServer, type ServerResponse } from 'node:http';

/** Answers a GET of a path with a document, or with undefined where there is none. */
export type Handler = (path: string) => unknown;

/** Longer than any client keeps a connection, so that none is closed just as it is used again. */
const KEEP_ALIVE_MILLIS = 65_000;

/** Serves JSON until SIGTERM; then requests under way are finished and the process ends by itself. */
export function serve(name: string, handler: Handler, port: number): void {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MILLIS }, async (request, response) => {
    const path = request.url ?? '/';
    try {
      const document = path === '/healthz' ? { status: 'ok' } : await handler(path);
      send(response, document === undefined ? 404 : 200, document ?? { error: `${name} has no ${path}` });
    } catch (error) {
      send(response, 502, { error: `${name}: ${(error as Error).message}` });
    }
  });
  server.listen(port, () => console.log(`${name} listening on port ${port}`));
  process.once('SIGTERM', () => server.close());
}

function send(response: ServerResponse, status: number, document: unknown): void {
  const body = JSON.stringify(document);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
