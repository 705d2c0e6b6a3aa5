// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from 'node:net';
import type { Request } from './request.ts';
import { ResponseReader } from './response-reader.ts';

/** What is written next, as a segment of its own; or what is waited for first. */
export type Piece = Buffer | 'await-continue' | 'await-response';

/** Requests, and the pieces that their bytes are written in. */
export interface Exchange {
  readonly requests: readonly Request[];
  readonly pieces: readonly Piece[];
}

/** A TCP connection that writes bytes as it is told and notes in each request's entry what came of it. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #waiting: Request[] = [];
  #continues = 0;
  #wake: () => void = () => undefined;
  #error: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => this.#onData(part));
    socket.once('error', (error) => this.#fail(error));
    socket.once('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** TCP_NODELAY, so that each piece is sent at once. */
  static async open(host: string, port: number): Promise<Connection> {
    const socket = connect({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Connection(socket);
  }

  /**
   * Resolves when every request is answered.
   * @throws Error when the connection breaks first
   */
  async exchange({ requests, pieces }: Exchange): Promise<void> {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket;
    for (const { entry } of requests) {
      entry.source = `${localAddress}:${localPort}`;
      entry.destination = `${remoteAddress}:${remotePort}`;
    }
    this.#waiting = [...requests];
    this.#continues = 0;
    for (const piece of pieces) {
      if (piece === 'await-continue') await this.#until(() => this.#continues > 0);
      else if (piece === 'await-response') await this.#until(() => this.#waiting.length < requests.length);
      else await this.#write(piece);
    }
    await this.#until(() => this.#waiting.length === 0);
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.end();
  }

  /** Resolves when the kernel has the bytes, so that the next piece goes by a system call of its own. */
  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #onData(part: string): void {
    try {
      for (const response of this.#reader.read(part, (n) => this.#waiting[n]?.isHead ?? false)) {
        if (response.status === 100) this.#continues += 1;
        else this.#note(response.status, response.server);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#wake();
  }

  #note(status: number, server: string | undefined): void {
    const request = this.#waiting.shift();
    if (request === undefined) throw new Error(`a response (${status}) that nobody asked for`);
    request.entry.status = status;
    request.entry.server = server;
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }
}
