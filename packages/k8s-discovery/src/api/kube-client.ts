// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import type { ClusterAccess } from '../access/cluster-access.ts';
import { DiscoveryError, KubeApiError } from '../errors.ts';
import { reasonOf } from '../reason.ts';
import { createDispatcher, tlsKey } from './dispatcher.ts';
import { readJson } from './read-json.ts';

/** What is asked of the API server. */
export interface KubeRequest {
  /** For example `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Media type. Default: application/json. */
  readonly accept?: string;
}

/** Counters of the requests to the API server. */
export interface KubeClientCounters {
  /** Requests sent, watches included. */
  readonly requests: number;
  /** Bytes of the answers' bodies, as they come from the connection. */
  readonly bytes: number;
  /** Answers with status 401. */
  readonly unauthorized: number;
}

/** Options of KubeClient. */
export interface KubeClientOptions {
  /** Default: `hopspan`. */
  userAgent?: string;
  /** Longest wait for the answer to a list, and for a watch to open, in milliseconds. Default: 60000. */
  requestTimeoutMillis?: number;
}

/** Sends GET requests to one API server; tokens, certificates and CA are looked at anew for each. */
export class KubeClient {
  readonly #access: ClusterAccess;
  readonly #userAgent: string;
  readonly #timeoutMillis: number;
  readonly #counters = { requests: 0, bytes: 0, unauthorized: 0 };
  #dispatcher: { key: string; dispatcher: Dispatcher } | undefined;

  constructor(access: ClusterAccess, options: KubeClientOptions = {}) {
    this.#access = access;
    this.#userAgent = options.userAgent ?? 'hopspan';
    this.#timeoutMillis = options.requestTimeoutMillis ?? 60_000;
  }

  /**
   * Gets one JSON document.
   * @throws KubeApiError for any status but 200
   * @throws DiscoveryError HOPSPAN_ERR_KUBE_UNREACHABLE, _PROTOCOL or _CREDENTIALS
   */
  async get(what: KubeRequest, signal: AbortSignal): Promise<unknown> {
    const timeout = AbortSignal.timeout(this.#timeoutMillis);
    try {
      const body = await this.#open(what, AbortSignal.any([signal, timeout]));
      return await readJson(this.#count(body));
    } catch (cause) {
      throw timeout.aborted ? this.#late(cause) : this.#wrap(cause);
    }
  }

  /**
   * Opens a watch: resolves to the answer's bytes as they come, until the server or `signal` ends it.
   * @throws as get; the bytes end with the same errors
   */
  async watch(what: KubeRequest, signal: AbortSignal): Promise<AsyncGenerator<Buffer, void, undefined>> {
    const opening = new AbortController();
    const timer = setTimeout(() => opening.abort(), this.#timeoutMillis);
    try {
      return this.#watchBytes(await this.#open(what, AbortSignal.any([signal, opening.signal])));
    } catch (cause) {
      throw opening.signal.aborted ? this.#late(cause) : this.#wrap(cause);
    } finally {
      clearTimeout(timer);
    }
  }

  counters(): KubeClientCounters {
    return { ...this.#counters };
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    await this.#dispatcher?.dispatcher.destroy();
    this.#dispatcher = undefined;
  }

  async #open(
    { path, query = {}, accept = 'application/json' }: KubeRequest,
    signal: AbortSignal,
  ): Promise<Readable> {
    const credentials = await this.#access.credentials();
    const { token } = credentials;
    const dispatcher = this.#dispatcherFor(tlsKey(credentials), () =>
      createDispatcher(this.#access, credentials),
    );
    const headers: Record<string, string> = { accept, 'user-agent': this.#userAgent };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    this.#counters.requests += 1;
    const parameters = new URLSearchParams(query).toString();
    const url = `${this.#access.server}${path}${parameters && `?${parameters}`}`;
    const { statusCode, headers: got, body } = await request(url, { dispatcher, headers, signal });
    if (statusCode === 200) return body;
    if (statusCode === 401) {
      this.#counters.unauthorized += 1;
      this.#access.refused?.();
    }
    const text = (await body.text()).slice(0, 4096);
    throw newApiError(path, statusCode, text, Number(got['retry-after']));
  }

  /** A new one when CA or client certificate have changed; the old one's watches go on until they end. */
  #dispatcherFor(key: string, create: () => Dispatcher): Dispatcher {
    if (this.#dispatcher?.key === key) return this.#dispatcher.dispatcher;
    void this.#dispatcher?.dispatcher.close().catch(() => undefined);
    this.#dispatcher = { key, dispatcher: create() };
    return this.#dispatcher.dispatcher;
  }

  async *#count(body: Readable): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of body) {
      this.#counters.bytes += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }

  async *#watchBytes(body: Readable): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* this.#count(body);
    } catch (cause) {
      throw this.#wrap(cause);
    }
  }

  #late(cause: unknown): DiscoveryError {
    return this.#unreachable(`no answer within ${this.#timeoutMillis} ms`, cause);
  }

  #wrap(cause: unknown): unknown {
    return cause instanceof DiscoveryError ? cause : this.#unreachable(reasonOf(cause), cause);
  }

  #unreachable(reason: string, cause: unknown): DiscoveryError {
    const proxy = this.#access.proxyUrl === undefined ? '' : ' through the proxy';
    const message = `${this.#access.server}${proxy} (from ${this.#access.origin}): ${reason}`;
    return new DiscoveryError('HOPSPAN_ERR_KUBE_UNREACHABLE', message, { cause });
  }
}

function newApiError(path: string, status: number, text: string, retryAfterSeconds: number): KubeApiError {
  let reason = text.trim().split('\n')[0] ?? '';
  try {
    reason = (JSON.parse(text) as { message?: string }).message ?? reason;
  } catch {
    // Not a Status object: whoever answered, its first line tells most.
  }
  const retryAfterMillis = retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : undefined;
  return new KubeApiError(`GET ${path}: status ${status}: ${reason}`, status, retryAfterMillis);
}
