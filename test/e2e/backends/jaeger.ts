// SPDX-License-Identifier: Apache-2.0
import { loopbackUrl, newBackend, type TraceBackend } from './backend.ts';
import { type BuildOptions, buildBackend } from './build.ts';
import { decodeOtlpSpans, type OtlpResourceSpans } from './otlp-json.ts';
import { type BackendPorts, choosePorts, type PortOptions, retryOnPortInUse } from './ports.ts';
import { acceptsOtlp, fetchJson } from './query.ts';
import { ServerProcess } from './server.ts';
import type { BackendSpan } from './span.ts';

/** A running Jaeger. */
export type JaegerBackend = TraceBackend;
/** A span as Jaeger gives it back. */
export type JaegerSpan = BackendSpan;
/** Options of startJaeger. */
export type JaegerOptions = BuildOptions & PortOptions;

/** Traces that are kept; the oldest goes first. */
const MAX_TRACES = 100_000;
const CONFIG_VARIABLE = 'HOPSPAN_JAEGER_CONFIG';

/** Builds Jaeger where needed, starts it with memory as its storage, and waits until it serves. */
export async function startJaeger(options: JaegerOptions = {}): Promise<JaegerBackend> {
  const binary = await buildBackend('jaeger', options);
  return retryOnPortInUse(async () => {
    const ports = await choosePorts(options);
    const queryUrl = loopbackUrl(ports.query);
    const server = await ServerProcess.start({
      name: 'Jaeger',
      binary,
      args: ['--config', `env:${CONFIG_VARIABLE}`],
      env: { [CONFIG_VARIABLE]: JSON.stringify(configuration(ports)) },
      isReady: async () =>
        (await acceptsOtlp(loopbackUrl(ports.otlpHttp))) && Array.isArray(await services(queryUrl)),
    });
    return newBackend('Jaeger', ports, server, {
      getTrace: (traceId) => getTrace(queryUrl, traceId),
      findTraces: (service, limit = 20) => findTraces(queryUrl, service, limit),
      services: () => services(queryUrl),
    });
  });
}

function configuration(ports: BackendPorts): object {
  const endpoint = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: MAX_TRACES } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: endpoint(ports.query),
        grpc: endpoint(ports.internal),
        // Else it sends spans about every query to port 4317 of this machine.
        enable_tracing: false,
      },
    },
    receivers: {
      otlp: { protocols: { grpc: endpoint(ports.otlpGrpc), http: endpoint(ports.otlpHttp) } },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  };
}

interface TracesAnswer {
  result?: { resourceSpans?: OtlpResourceSpans[] };
}

/** By version 3 of the query API: the one behind Jaeger's page cuts times to microseconds. */
async function getTrace(queryUrl: string, traceId: string): Promise<BackendSpan[]> {
  const answer = await fetchJson<TracesAnswer>(`${queryUrl}/api/v3/traces/${traceId}`);
  return decodeOtlpSpans(answer?.result?.resourceSpans ?? []);
}

async function findTraces(queryUrl: string, service: string, limit: number): Promise<BackendSpan[][]> {
  const query = new URLSearchParams({
    'query.service_name': service,
    'query.num_traces': String(limit),
    'query.start_time_min': '1970-01-01T00:00:00Z',
    'query.start_time_max': '2200-01-01T00:00:00Z',
  });
  const answer = await fetchJson<TracesAnswer>(`${queryUrl}/api/v3/traces?${query}`);
  const spans = decodeOtlpSpans(answer?.result?.resourceSpans ?? []);
  return [...Map.groupBy(spans, ({ traceId }) => traceId).values()];
}

async function services(queryUrl: string): Promise<string[]> {
  const answer = await fetchJson<{ services?: string[] }>(`${queryUrl}/api/v3/services`);
  return (answer?.services ?? []).sort();
}
