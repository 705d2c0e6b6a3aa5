// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** An HTTP server that keeps each request header as it came, byte for byte, and answers 200. For requests without a body. */
export class RecordingServer {
  /** Request line and headers up to the empty line, as they were received. */
  readonly requests: string[] = [];
  readonly #server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  /** On a free port of 127.0.0.1. @returns http://127.0.0.1:PORT */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    let received = '';
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setEncoding('latin1').on('data', (part: string) => {
      received += part;
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        this.requests.push(received.slice(0, end + 4));
        received = received.slice(end + 4);
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
    });
  }
}

/** The header lines of a recorded request: name in lower case, and value. */
export function headersOf(request: string): [name: string, value: string][] {
  const lines = request.split('\r\n').slice(1, -2);
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
}

/** Where in the request the traceparent header begins, in bytes; undefined where there is none. */
export function contextOffset(request: string): number | undefined {
  const match = /\r\ntraceparent:/i.exec(request);
  return match === null ? undefined : match.index + 2;
}
