// SPDX-License-Identifier: Apache-2.0
import { DiscoveryError, KubeApiError } from '../errors.ts';
import type { KubeClient } from './kube-client.ts';
import { readJsonLines } from './read-json.ts';
import { acceptFor, type RawObject, type Resource } from './resource.ts';

/** One change of an object, or a bookmark, of which only the resource version counts. */
export interface WatchEvent<Raw> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Raw;
  /** Earliest time at which the change may have happened, milliseconds of CLOCK_MONOTONIC. */
  readonly sinceMillis: number;
}

export interface WatchStreamOptions {
  /** Resource version. */
  readonly from: string;
  readonly timeoutSeconds: number;
  readonly idleMillis: number;
  readonly signal: AbortSignal;
  /** When the state that the watch goes on from was last known to be the newest. */
  readonly aliveMillis: number;
  readonly now: () => number;
  readonly onOpen: () => void;
}

/** After a pause the server sends what was missed at once: what comes this soon may have happened in the pause. */
const CATCH_UP_MILLIS = 5000;
const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

interface RawEvent<Raw> {
  readonly type?: string;
  readonly object?: Raw & { readonly code?: number; readonly message?: string };
}

/** One watch request, from its opening to its end. */
export class WatchStream<Raw extends RawObject> {
  readonly #client: KubeClient;
  readonly #resource: Resource<Raw>;
  readonly #options: WatchStreamOptions;
  readonly #idle = new AbortController();

  constructor(client: KubeClient, resource: Resource<Raw>, options: WatchStreamOptions) {
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
  }

  /** Whether it was ended because nothing came any more. */
  get idle(): boolean {
    return this.#idle.signal.aborted;
  }

  /**
   * Ends without an error when the server has ended it, or when nothing came for too long.
   * @throws KubeApiError of an ERROR event, 410 among them
   * @throws as KubeClient.watch
   */
  async *events(): AsyncGenerator<WatchEvent<Raw>, void, undefined> {
    const { signal, now, aliveMillis, onOpen } = this.#options;
    try {
      const bytes = await this.#client.watch(this.#request(), AbortSignal.any([signal, this.#idle.signal]));
      onOpen();
      const openedMillis = now();
      for await (const event of readJsonLines(this.#guard(bytes))) {
        const catchingUp = now() - openedMillis < CATCH_UP_MILLIS;
        yield this.#check(event as RawEvent<Raw>, catchingUp ? aliveMillis : now());
      }
    } catch (error) {
      if (!this.idle && !signal.aborted) throw error;
    }
  }

  #request() {
    const { from, timeoutSeconds } = this.#options;
    const query = {
      ...this.#resource.query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(timeoutSeconds),
    };
    return { path: this.#resource.path, query, accept: acceptFor(this.#resource, false) };
  }

  #check({ type, object }: RawEvent<Raw>, sinceMillis: number): WatchEvent<Raw> {
    if (type === 'ERROR') {
      const { code = 500, message = 'no message' } = object ?? {};
      throw new KubeApiError(`watch of ${this.#resource.name}: ${message}`, code);
    }
    if (object?.metadata !== undefined && TYPES.includes(type ?? ''))
      return { type, object, sinceMillis } as WatchEvent<Raw>;
    const message = `watch of ${this.#resource.name}: an event of type '${type}'; expected ${TYPES.join(', ')} or ERROR.`;
    throw new DiscoveryError('HOPSPAN_ERR_KUBE_PROTOCOL', message);
  }

  /** Breaks the connection off when no byte has come for too long, bookmarks included: it may be dead. */
  async *#guard(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    const timer = setTimeout(() => this.#idle.abort(), this.#options.idleMillis);
    try {
      for await (const chunk of bytes) {
        timer.refresh();
        yield chunk;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
