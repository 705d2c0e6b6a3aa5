// SPDX-License-Identifier: Apache-2.0

import { HopspanError } from '@hopspan/core';
import { diag } from '@opentelemetry/api';
import { KubeApiError } from './errors.ts';

/**
 * Says once that the API cannot be followed, for each reason, and once that it can be again; not for every kind of
 * object and every attempt.
 */
export class OutageLog {
  readonly #failing = new Set<string>();
  readonly #said = new Set<string>();
  readonly #now: () => number;
  #sinceMillis = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param error undefined for a success */
  report(resource: string, error: unknown): void {
    if (error === undefined) this.#succeeded(resource);
    else this.#failed(resource, error);
  }

  #failed(resource: string, error: unknown): void {
    if (this.#failing.size === 0) this.#sinceMillis = this.#now();
    this.#failing.add(resource);
    const reason = reasonOf(resource, error);
    if (this.#said.has(reason)) return;
    this.#said.add(reason);
    diag.warn(
      `kubernetes discovery: ${error instanceof Error ? error.message : error}; going on with what is known, and trying again`,
    );
  }

  #succeeded(resource: string): void {
    if (!this.#failing.delete(resource) || this.#failing.size > 0) return;
    this.#said.clear();
    const seconds = Math.round((this.#now() - this.#sinceMillis) / 1000);
    diag.info(`kubernetes discovery: following the API again, after ${seconds} s`);
  }
}

/** A refusal concerns a kind of object; everything else the API server as a whole. */
function reasonOf(resource: string, error: unknown): string {
  if (error instanceof KubeApiError) return error.status >= 500 ? 'server' : `${resource} ${error.status}`;
  return error instanceof HopspanError ? error.code : String(error);
}
