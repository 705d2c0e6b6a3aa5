// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { LabPod } from './lab.ts';
import type { Namespace } from './namespace.ts';
import type { Family } from './options.ts';
import type { LabProcess } from './process.ts';

/** What a client sent. */
export interface Sent {
  /** `traceid-spanid` of every request. */
  readonly contexts: readonly string[];
  readonly failed: number;
}

/** Options of sendRequests. */
export interface SendOptions {
  readonly count: number;
  /** Trace flags, two hex digits. Default: 01. */
  readonly flags?: string;
  /** Default: 1. */
  readonly concurrency?: number;
  /** Pause before each request, in milliseconds. Default: 0. */
  readonly gapMillis?: number;
  /** Bytes of other header lines before the traceparent. Default: 0. */
  readonly headerBytes?: number;
  /** Bytes of a body that is posted right behind the header. Default: 0, a GET request. */
  readonly bodyBytes?: number;
  /** After this time the client is killed. Default: 60,000 ms. */
  readonly timeoutMillis?: number;
}

const port = 8080;
const script = (name: string) => fileURLToPath(new URL(`./traffic/${name}.ts`, import.meta.url));

/** Starts an HTTP server in a pod; resolves with its IPv4 URL when it listens. Default time limit: 60,000 ms. */
export async function serve(pod: LabPod, timeoutMillis = 60_000): Promise<string> {
  await serveOn(pod, timeoutMillis);
  return urlOf(pod, 'ipv4');
}

/** Starts an HTTP server on port 8080 of any place; resolves when it listens. Default time limit: 60,000 ms. */
export async function serveOn(place: Namespace, timeoutMillis = 60_000): Promise<void> {
  const server = place.spawn(process.execPath, [script('server'), String(port)]);
  await server.waitForLine(/^listening$/, timeoutMillis);
}

/** The URL of the server in a pod. */
export function urlOf(pod: LabPod, family: Family): string {
  return family === 'ipv4' ? `http://${pod.address}:${port}/` : `http://[${pod.address6}]:${port}/`;
}

/** Sends requests with contexts of their own from a pod, a node or the fabric. */
export async function sendRequests(from: Namespace, url: string, options: SendOptions): Promise<Sent> {
  const { count, flags = '01', concurrency = 1, gapMillis = 0, timeoutMillis } = options;
  const { headerBytes = 0, bodyBytes = 0 } = options;
  const env = {
    GAP_MILLIS: String(gapMillis),
    HEADER_BYTES: String(headerBytes),
    BODY_BYTES: String(bodyBytes),
  };
  const args = [script('client'), url, String(count), flags, String(concurrency)];
  const { stdout, stderr, code } = await from.exec(process.execPath, args, { env, timeoutMillis });
  if (code !== 0) throw new Error(`the client in ${from.name} ended with status ${code}: ${stderr}`);
  return JSON.parse(stdout) as Sent;
}

/** A client that stays for more than one round of requests, where it takes long to start one. */
export class StayingClient {
  readonly #process: LabProcess;
  #rounds = 0;

  constructor(from: Namespace) {
    this.#process = from.spawn(process.execPath, [script('client')]);
  }

  async send(
    url: string,
    { count, flags = '01', concurrency = 1, timeoutMillis = 60_000 }: SendOptions,
  ): Promise<Sent> {
    const round = ++this.#rounds;
    this.#process.stdin.write(`${url} ${count} ${flags} ${concurrency} ${round}\n`);
    const [line] = await this.#process.waitForLine(new RegExp(`^\\{"round":"${round}".*`), timeoutMillis);
    return JSON.parse(line) as Sent;
  }
}

/** One connection that stays, so that what happens to a request happens to no handshake. */
export class Connection {
  readonly #process: LabProcess;

  constructor(from: Namespace, url: string) {
    this.#process = from.spawn(process.execPath, [script('connection'), url]);
  }

  /** Resolves with `traceid-spanid` when the request was answered. */
  async send(timeoutMillis = 120_000): Promise<string> {
    const context = `${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}`;
    this.#process.stdin.write(`00-${context}-01\n`);
    await this.#process.waitForLine(new RegExp(`^done 00-${context}`), timeoutMillis);
    return context;
  }
}
