// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a port of 127.0.0.1, and can break the connections: a network that fails. */
export class TcpRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #blocked = false;
  /** Connections made through it so far. */
  connections = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @param socket path to listen at, which every network namespace reaches. Default: a free port of 127.0.0.1 */
  static async start(targetUrl: string, socket?: string): Promise<TcpRelay> {
    const relay = new TcpRelay(Number(new URL(targetUrl).port));
    if (socket === undefined) relay.#server.listen(0, '127.0.0.1');
    else relay.#server.listen(socket);
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets what is open. */
  cut(): void {
    for (const socket of this.#sockets) reset(socket);
  }

  /** Resets what is open and what comes, until unblock. */
  block(): void {
    this.#blocked = true;
    this.cut();
  }

  unblock(): void {
    this.#blocked = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.block();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#blocked) {
      reset(client);
      return;
    }
    this.connections += 1;
    const server = connect(this.#target, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

/** As far as there is such a thing: a socket with a path can only be closed. */
function reset(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
