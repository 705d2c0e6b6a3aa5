// SPDX-License-Identifier: Apache-2.0
import { diag } from '@opentelemetry/api';
import { Backoff } from './api/backoff.ts';

/** Options of Refresher. */
export interface RefresherOptions<T> {
  /** For messages, such as `topology from http://jaeger:16686`. */
  readonly what: string;
  /** Rejects when there is no answer; `undefined` is an answer that tells nothing, and changes nothing. */
  readonly ask: (signal: AbortSignal) => Promise<T | undefined>;
  /** Time between two questions, spread by half. */
  readonly intervalMillis: number;
  /** First wait after a failure; it doubles up to the interval, and is spread by half. Default: 1000. */
  readonly initialBackoffMillis?: number;
  /** Called with every answer. Must not throw. */
  readonly onAnswer?: (answer: T) => void;
}

/** Asks somebody again and again, and keeps the last good answer while there is no other. */
export class Refresher<T> {
  readonly #options: RefresherOptions<T>;
  readonly #backoff: Backoff;
  readonly #stopped = new AbortController();
  readonly #counts = { refreshes: 0, refresh_errors: 0 };
  #answer: T | undefined;
  #failingSinceMillis: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> = Promise.resolve();

  constructor(options: RefresherOptions<T>) {
    this.#options = options;
    const { intervalMillis, initialBackoffMillis = 1000 } = options;
    const initialMillis = Math.min(initialBackoffMillis, intervalMillis);
    this.#backoff = new Backoff({ initialMillis, maxMillis: intervalMillis });
  }

  /** Asks for the first time, and from then on by itself. Resolves with the first attempt; never rejects. */
  start(): Promise<void> {
    this.#asking = this.#refresh();
    return this.#asking;
  }

  /** The last good answer; undefined while there was none. */
  get answer(): T | undefined {
    return this.#answer;
  }

  counters(): { refreshes: number; refresh_errors: number } {
    return { ...this.#counts };
  }

  /** Breaks off what is under way. The answer stays. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#asking;
  }

  async #refresh(): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    this.#counts.refreshes += 1;
    let waitMillis: number;
    try {
      const answer = await this.#options.ask(signal);
      if (signal.aborted) return;
      this.#succeeded();
      if (answer !== undefined) {
        this.#answer = answer;
        this.#options.onAnswer?.(answer);
      }
      waitMillis = this.#options.intervalMillis * (0.5 + Math.random());
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(error);
      waitMillis = this.#backoff.next();
    }
    this.#timer = setTimeout(() => {
      this.#asking = this.#refresh();
    }, waitMillis).unref();
  }

  #failed(error: unknown): void {
    this.#counts.refresh_errors += 1;
    if (this.#failingSinceMillis !== undefined) return;
    this.#failingSinceMillis = performance.now();
    const known = this.#answer === undefined ? 'going on without it' : 'going on with what is known';
    const reason = error instanceof Error ? error.message : String(error);
    diag.warn(`${this.#options.what}: ${reason}; ${known}, and trying again`);
  }

  #succeeded(): void {
    this.#backoff.reset();
    if (this.#failingSinceMillis === undefined) return;
    const seconds = Math.round((performance.now() - this.#failingSinceMillis) / 1000);
    this.#failingSinceMillis = undefined;
    diag.info(`${this.#options.what}: there again, after ${seconds} s`);
  }
}
