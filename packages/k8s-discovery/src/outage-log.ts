// SPDX-License-Identifier: Apache-2.0

import { HopspanError } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { KubeApiError } from './errors.ts';

/** A second reason, such as the refusals of an API server that has just started, is told of only when it lasts. */
const LASTING_MILLIS = 30_000;

/**
 * Says once that the API cannot be followed, and once that it can be again; not for every kind of object and every
 * attempt.
 */
export class OutageLog {
  readonly #failing = new Set<string>();
  /** Reasons of this outage, and when each of them came up. */
  readonly #reasons = new Map<string, { sinceMillis: number; said: boolean }>();
  readonly #now: () => number;

  /** @param now milliseconds. Default: performance.now */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param error undefined for a success */
  report(resource: string, error: unknown): void {
    if (error === undefined) this.#succeeded(resource);
    else this.#failed(resource, error);
  }

  #failed(resource: string, error: unknown): void {
    this.#failing.add(resource);
    const key = reasonOf(resource, error);
    const first = this.#reasons.size === 0;
    const reason = this.#reasons.get(key) ?? { sinceMillis: this.#now(), said: false };
    this.#reasons.set(key, reason);
    if (reason.said || !(first || this.#now() - reason.sinceMillis >= LASTING_MILLIS)) return;
    reason.said = true;
    const text = error instanceof Error ? error.message : String(error);
    diag.warn(`kubernetes discovery: ${text}; going on with what is known, and trying again`);
  }

  #succeeded(resource: string): void {
    if (!this.#failing.delete(resource) || this.#failing.size > 0) return;
    const since = Math.min(...[...this.#reasons.values()].map(({ sinceMillis }) => sinceMillis));
    this.#reasons.clear();
    const seconds = Math.round((this.#now() - since) / 1000);
    diag.info(`kubernetes discovery: following the API again, after ${seconds} s`);
  }
}

/** A refusal concerns a kind of object; everything else the API server as a whole. */
function reasonOf(resource: string, error: unknown): string {
  if (error instanceof KubeApiError) return error.status >= 500 ? 'server' : `${resource} ${error.status}`;
  return error instanceof HopspanError ? error.code : String(error);
}
