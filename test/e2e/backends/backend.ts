// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendError } from './errors.ts';
import type { BackendPorts } from './ports.ts';
import type { ServerProcess } from './server.ts';
import type { BackendSpan } from './span.ts';

const POLL_MILLIS = 50;

/** What a backend can be asked. */
export interface TraceQueries {
  /** The spans of a trace by start time; none when the backend does not know it. */
  getTrace(traceId: string): Promise<BackendSpan[]>;
  /** Up to `limit` traces with a span of the service, each as from getTrace. Default limit: 20. */
  findTraces(service: string, limit?: number): Promise<BackendSpan[][]>;
  /** Names of the services that have sent spans, sorted. */
  services(): Promise<string[]>;
}

/** A running trace backend; `stop` or `await using` ends it. */
export interface TraceBackend extends TraceQueries, AsyncDisposable {
  readonly name: string;
  /** Where OTLP/gRPC goes, as `http://127.0.0.1:PORT`. */
  readonly otlpGrpcUrl: string;
  /** Where OTLP/HTTP goes, as `http://127.0.0.1:PORT`; exporters add `/v1/traces`. */
  readonly otlpHttpUrl: string;
  /** Root of the backend's own query API. */
  readonly queryUrl: string;
  /** Process id of the backend. */
  readonly pid: number;
  /** The last 64 KiB that the backend has logged. */
  log(): string;
  /** Kills it at once and removes what it has stored. */
  stop(): Promise<void>;
}

/** Options of waitForTrace. */
export interface WaitOptions {
  /** Default: 15,000 ms. */
  timeoutMillis?: number;
}

/** The address of a port, as in BackendPorts. */
export function loopbackUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Puts together a backend that has been started. */
export function newBackend(
  name: string,
  ports: BackendPorts,
  server: ServerProcess,
  queries: TraceQueries,
  cleanUp: () => Promise<void> = async () => undefined,
): TraceBackend {
  const stop = async () => {
    await server.stop();
    await cleanUp();
  };
  return {
    ...queries,
    name,
    otlpGrpcUrl: loopbackUrl(ports.otlpGrpc),
    otlpHttpUrl: loopbackUrl(ports.otlpHttp),
    queryUrl: loopbackUrl(ports.query),
    pid: server.pid,
    log: () => server.log(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Asks for a trace until it is as wanted.
 * @throws BackendError HOPSPAN_ERR_BACKEND_TIMEOUT, with the names of the spans that had come by then
 */
export async function waitForTrace(
  backend: Pick<TraceBackend, 'name' | 'getTrace'>,
  traceId: string,
  isComplete: (spans: BackendSpan[]) => boolean,
  options: WaitOptions = {},
): Promise<BackendSpan[]> {
  const { timeoutMillis = 60_000 } = options;
  const deadline = performance.now() + timeoutMillis;
  for (;;) {
    const spans = await backend.getTrace(traceId);
    if (isComplete(spans)) return spans;
    if (performance.now() > deadline) {
      const names = spans.map(({ name, service }) => `${service}/${name}`).join(', ') || 'no span';
      const message = `${backend.name}: trace ${traceId} not as expected after ${timeoutMillis} ms: ${names}`;
      throw new BackendError('HOPSPAN_ERR_BACKEND_TIMEOUT', message);
    }
    await sleep(POLL_MILLIS);
  }
}
