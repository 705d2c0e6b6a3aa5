// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeApiError } from '../errors.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { KubeClient } from './kube-client.ts';
import { listAll } from './list.ts';
import { newReflectorTally, type ReflectorCounters } from './reflector-counters.ts';
import type { RawObject, ReflectorSink, Resource } from './resource.ts';
import { WatchStream } from './watch-stream.ts';

/** Options of Reflector. */
export interface ReflectorOptions extends BackoffOptions {
  /** The server ends a watch after this long up to twice as long, in seconds. Default: 300. */
  watchTimeoutSeconds?: number;
  /** A watch from which nothing came for so long counts as broken, in milliseconds. Default: 150000. */
  watchIdleMillis?: number;
  /** Told of every failure, and of every success after one. Default: nobody. */
  onState?: (resource: string, error: unknown) => void;
  /** CLOCK_MONOTONIC in milliseconds. Default: Node's. */
  now?: () => number;
  random?: () => number;
}

/** A watch that ended sooner does not count as a success: what follows waits. */
const STEADY_MILLIS = 5000;
/** A watch that was refused this often in a row for another reason than 410 is given up for a new list. */
const MAX_REFUSALS = 3;
const GONE = 410;

/**
 * Keeps a sink in step with one kind of object: list, watch, watch again from where the last one ended, list again
 * when that is gone. Goes on until it is stopped, whatever happens, and never without a wait after a failure.
 * Protocol: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class Reflector<Raw extends RawObject> {
  readonly resource: Resource<Raw>;
  /** Resolves when the first list is complete, or the reflector is stopped. */
  readonly synced: Promise<void>;
  readonly #client: KubeClient;
  readonly #sink: ReflectorSink<Raw>;
  readonly #options: ReflectorOptions;
  readonly #now: () => number;
  readonly #backoff: Backoff;
  readonly #tally = newReflectorTally();
  readonly #stop = new AbortController();
  readonly #resolveSynced: () => void;
  #running: Promise<void> | undefined;
  #version: string | undefined;
  #lastVersion: string | undefined;
  #aliveMillis = Number.NEGATIVE_INFINITY;
  #live = false;
  #listed = false;
  #refusals = 0;

  constructor(
    client: KubeClient,
    resource: Resource<Raw>,
    sink: ReflectorSink<Raw>,
    options: ReflectorOptions = {},
  ) {
    this.#client = client;
    this.resource = resource;
    this.#sink = sink;
    this.#options = options;
    this.#now = options.now ?? (() => Number(process.hrtime.bigint()) / 1e6);
    this.#backoff = new Backoff(options, options.random);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#resolveSynced = resolve;
  }

  /** Whether a watch is open, or being renewed, so that the sink is as new as the API server. */
  get live(): boolean {
    return this.#live;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#resolveSynced();
  }

  counters(): ReflectorCounters {
    return { ...this.#tally };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const begin = this.#now();
      let failed = false;
      let wait = 0;
      try {
        this.#version ??= await this.#list();
        await this.#watch(this.#version);
        this.#refusals = 0;
      } catch (error) {
        if (signal.aborted) break;
        failed = true;
        wait = this.#fail(error);
      }
      const steady = this.#live && this.#now() - begin >= STEADY_MILLIS;
      if (steady) this.#backoff.reset();
      // A watch that ended in its time is opened again at once. After a failure all agents of a cluster come back:
      // not at once, and not together.
      if (steady && !failed) continue;
      this.#live = false;
      wait = Math.max(wait, this.#backoff.next());
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
    this.#live = false;
  }

  async #list(): Promise<string> {
    // Until the list is complete the objects may have changed at any time since the last sign of life.
    const sinceMillis = this.#aliveMillis;
    const asOf = this.#now();
    const atLeast = this.resource.listFrom === 'cache' ? (this.#lastVersion ?? '0') : undefined;
    this.#tally.lists += 1;
    if (this.#listed) this.#tally.relists += 1;
    const { signal } = this.#stop;
    const version = await listAll(this.#client, this.resource, { atLeast, signal }, (items, first) => {
      if (first) this.#sink.replaceBegin();
      this.#tally.pages += 1;
      this.#tally.listed += items.length;
      for (const item of items) this.#sink.upsert(item, sinceMillis);
    });
    this.#sink.replaceEnd();
    this.#aliveMillis = asOf;
    this.#lastVersion = version;
    this.#listed = true;
    this.#resolveSynced();
    return version;
  }

  async #watch(from: string): Promise<void> {
    this.#tally.watches += 1;
    const random = this.#options.random ?? Math.random;
    const seconds = Math.round((this.#options.watchTimeoutSeconds ?? 300) * (1 + random()));
    const stream = new WatchStream<Raw>(this.#client, this.resource, {
      from,
      timeoutSeconds: seconds,
      idleMillis: this.#options.watchIdleMillis ?? 150_000,
      signal: this.#stop.signal,
      aliveMillis: this.#aliveMillis,
      now: this.#now,
      onOpen: () => this.#opened(),
    });
    for await (const { type, object, sinceMillis } of stream.events()) {
      this.#aliveMillis = this.#now();
      this.#version = object.metadata?.resourceVersion ?? this.#version;
      this.#lastVersion = this.#version;
      if (type === 'BOOKMARK') {
        this.#tally.bookmarks += 1;
        continue;
      }
      this.#tally.events += 1;
      if (type === 'DELETED') this.#sink.remove(object);
      else this.#sink.upsert(object, sinceMillis);
    }
    if (stream.idle) this.#tally.watches_idle += 1;
  }

  #opened(): void {
    this.#live = true;
    this.#options.onState?.(this.resource.name, undefined);
  }

  /** @returns how long the server wants us to wait, in milliseconds */
  #fail(error: unknown): number {
    const refused = error instanceof KubeApiError;
    if (refused && error.status === GONE) {
      // Nothing is wrong: what happened since then is no longer known, and is listed instead.
      this.#tally.gone += 1;
      this.#version = undefined;
      this.#refusals = 0;
      return 0;
    }
    this.#tally.errors += 1;
    this.#refusals = refused ? this.#refusals + 1 : 0;
    if (this.#refusals >= MAX_REFUSALS) {
      this.#version = undefined;
      this.#lastVersion = undefined;
      this.#refusals = 0;
    }
    this.#options.onState?.(this.resource.name, error);
    return (refused ? error.retryAfterMillis : undefined) ?? 0;
  }
}
