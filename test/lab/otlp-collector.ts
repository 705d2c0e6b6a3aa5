// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { LabError } from './errors.ts';
import { type CollectedSpan, decodeSpans } from './otlp-decode.ts';
import { type ForwarderCounters, OtlpForwarder } from './otlp-forwarder.ts';
import { exportMethod } from './otlp-service.ts';

/** Options of OtlpCollector.start. At least one of `socket` and `port` must be given. */
export interface OtlpCollectorOptions {
  /** Path of a unix socket: processes of every network namespace reach it. Default: none. */
  socket?: string;
  /** TCP port on loopback of the owner's namespace; 0 takes a free one. Default: none. */
  port?: number;
  /** `http://host:port` or `unix:///path` of a collector that gets every request too. Default: none. */
  forwardTo?: string;
  /** Spans that are kept; more are counted as `dropped_full`. Default: 2,000,000. */
  maxSpans?: number;
}

/** Counters of the collector. */
export interface OtlpCollectorCounters {
  readonly requests: number;
  readonly rejected_requests: number;
  readonly spans: number;
  readonly dropped_full: number;
  readonly forward: ForwarderCounters | undefined;
}

const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
/** A peer that does not hang up is cut off after this time. */
const SHUTDOWN_MILLIS = 1_000;

/** Receives spans by OTLP/gRPC, keeps them by trace, and hands the requests on if asked. */
export class OtlpCollector implements AsyncDisposable {
  readonly #server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  readonly #socket: string | undefined;
  readonly #forwarder: OtlpForwarder | undefined;
  readonly #maxSpans: number;
  readonly #traces = new Map<string, CollectedSpan[]>();
  readonly #waiting = new Set<() => void>();
  readonly #counts = { requests: 0, rejected: 0, spans: 0, full: 0, kept: 0 };
  #port: number | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(options: OtlpCollectorOptions) {
    this.#socket = options.socket;
    this.#maxSpans = options.maxSpans ?? 2_000_000;
    this.#forwarder = options.forwardTo === undefined ? undefined : new OtlpForwarder(options.forwardTo);
    this.#server.addService({ Export: exportMethod }, { Export: this.#onExport.bind(this) });
  }

  /** @throws LabError HOPSPAN_ERR_LAB_OPTION without socket and port; Error when it cannot listen */
  static async start(options: OtlpCollectorOptions): Promise<OtlpCollector> {
    if (options.socket === undefined && options.port === undefined) {
      throw new LabError(
        'HOPSPAN_ERR_LAB_OPTION',
        'OtlpCollector.start: neither socket nor port was given; give one',
      );
    }
    const collector = new OtlpCollector(options);
    if (options.socket !== undefined) {
      // A collector that was killed leaves its socket behind, and nobody can listen on that.
      rmSync(options.socket, { force: true });
      await bind(collector.#server, `unix:${options.socket}`);
    }
    if (options.port !== undefined)
      collector.#port = await bind(collector.#server, `127.0.0.1:${options.port}`);
    return collector;
  }

  /** What exporters take as endpoint: `unix:///path`, or httpEndpoint where there is no socket. */
  get endpoint(): string {
    return this.#socket === undefined ? (this.httpEndpoint as string) : `unix://${this.#socket}`;
  }

  /** `http://127.0.0.1:port` when a port was asked for. */
  get httpEndpoint(): string | undefined {
    return this.#port === undefined ? undefined : `http://127.0.0.1:${this.#port}`;
  }

  /** Every span, in the order of the traces' first span and within a trace of arrival. */
  spans(): CollectedSpan[] {
    return [...this.#traces.values()].flat();
  }

  traceIds(): string[] {
    return [...this.#traces.keys()];
  }

  /** Spans of a trace in the order of arrival; none when it is not known. */
  trace(traceId: string): readonly CollectedSpan[] {
    return this.#traces.get(traceId) ?? [];
  }

  counters(): OtlpCollectorCounters {
    const { requests, rejected, spans, full } = this.#counts;
    const forward = this.#forwarder?.counters();
    return { requests, rejected_requests: rejected, spans, dropped_full: full, forward };
  }

  /** Forgets the spans; the counters go on. */
  clear(): void {
    this.#traces.clear();
    this.#counts.kept = 0;
  }

  /**
   * Waits until the predicate holds; it is asked now and after every request.
   * @throws LabError HOPSPAN_ERR_LAB_TIMEOUT
   */
  async waitFor(predicate: (collector: OtlpCollector) => boolean, timeoutMillis = 60_000): Promise<void> {
    if (predicate(this)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      try {
        if (predicate(this)) resolve();
      } catch (error) {
        reject(error);
      }
    };
    const timer = setTimeout(() => {
      const { requests, spans } = this.#counts;
      const got = `got ${spans} spans of ${this.#traces.size} traces in ${requests} requests`;
      reject(
        new LabError(
          'HOPSPAN_ERR_LAB_TIMEOUT',
          `OtlpCollector.waitFor: not within ${timeoutMillis} ms; ${got}`,
        ),
      );
    }, timeoutMillis);
    this.#waiting.add(check);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(check);
    }
  }

  /** Stops listening, then hands on what is still queued. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #onExport(call: ServerUnaryCall<Buffer, object>, respond: sendUnaryData<object>): void {
    let spans: CollectedSpan[];
    try {
      spans = decodeSpans(call.request);
    } catch (error) {
      this.#counts.rejected += 1;
      respond({
        code: status.INVALID_ARGUMENT,
        details: `not an ExportTraceServiceRequest: ${String(error)}`,
      });
      return;
    }
    this.#counts.requests += 1;
    for (const span of spans) this.#keep(span);
    this.#forwarder?.enqueue(call.request);
    respond(null, {});
    for (const check of this.#waiting) check();
  }

  #keep(span: CollectedSpan): void {
    this.#counts.spans += 1;
    if (this.#counts.kept >= this.#maxSpans) {
      this.#counts.full += 1;
      return;
    }
    this.#counts.kept += 1;
    const trace = this.#traces.get(span.traceId);
    if (trace === undefined) this.#traces.set(span.traceId, [span]);
    else trace.push(span);
  }

  async #shutDown(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, SHUTDOWN_MILLIS);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    await this.#forwarder?.close();
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
