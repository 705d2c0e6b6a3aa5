// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import { EXPORT_SUCCESS } from './export-once.ts';
import type { ExportResultLike, ReadableSpanLike, SpanExporterLike } from './types.ts';

/** Makes the nth exporter for the same endpoint, counted from 1. */
export type SpanExporterFactory = (generation: number) => SpanExporterLike;

const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_UNAVAILABLE = 14;

/** Options of RenewingSpanExporter. */
export interface RenewingSpanExporterOptions {
  /** Least age at which an exporter that cannot reach its endpoint is replaced. Default: 1000. */
  renewAfterMillis?: number;
  /** Clock, for tests. Default: performance.now. */
  nowMillis?: () => number;
}

/**
 * Replaces a gRPC exporter that cannot reach its endpoint by a new one. A gRPC channel waits longer and longer
 * between two attempts to connect, up to two minutes, and fails every call in between; the OTLP exporter
 * has no option for that. A new channel connects at once, so an endpoint that comes back is found within one retry.
 */
export class RenewingSpanExporter implements SpanExporterLike {
  readonly #create: SpanExporterFactory;
  readonly #renewAfterMillis: number;
  readonly #nowMillis: () => number;
  readonly #closing = new Set<Promise<void>>();
  #generation = 1;
  #current: SpanExporterLike;
  #createdMillis: number;
  #closed = false;

  constructor(create: SpanExporterFactory, options: RenewingSpanExporterOptions = {}) {
    this.#create = create;
    this.#renewAfterMillis = options.renewAfterMillis ?? 1000;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
    this.#current = create(this.#generation);
    this.#createdMillis = this.#nowMillis();
  }

  export(spans: ReadableSpanLike[], resultCallback: (result: ExportResultLike) => void): void {
    const exporter = this.#current;
    exporter.export(spans, (result) => {
      if (result.code !== EXPORT_SUCCESS && isUnreachable(result.error)) this.#renew(exporter);
      resultCallback(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#current.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#current.shutdown(), ...this.#closing]);
  }

  /** `channels`: exporters made so far. */
  counters(): Counters {
    return { channels: this.#generation };
  }

  #renew(failed: SpanExporterLike): void {
    if (this.#closed || failed !== this.#current) return;
    if (this.#nowMillis() - this.#createdMillis < this.#renewAfterMillis) return;
    this.#generation += 1;
    this.#current = this.#create(this.#generation);
    this.#createdMillis = this.#nowMillis();
    const closing = failed.shutdown().catch(() => undefined);
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }
}

function isUnreachable(error: Error | undefined): boolean {
  const code: unknown = error !== undefined && 'code' in error ? error.code : undefined;
  return code === GRPC_UNAVAILABLE || code === GRPC_DEADLINE_EXCEEDED;
}
