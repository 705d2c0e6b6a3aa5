// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loopbackUrl, newBackend, type TraceBackend } from './backend.ts';
import { type BuildOptions, buildBackend } from './build.ts';
import { decodeOtlpSpans, type OtlpResourceSpans } from './otlp-json.ts';
import { type BackendPorts, choosePorts, type PortOptions, retryOnPortInUse } from './ports.ts';
import { acceptsOtlp, fetchJson } from './query.ts';
import { ServerProcess } from './server.ts';
import type { BackendSpan } from './span.ts';

/** A running Tempo. */
export type TempoBackend = TraceBackend;
/** A span as Tempo gives it back. */
export type TempoSpan = BackendSpan;
/** Options of startTempo. */
export type TempoOptions = BuildOptions & PortOptions;

const READY_REQUEST_MILLIS = 5000;
const NO_LIMIT = 1_000_000_000;

/** Builds Tempo where needed, starts it on a folder of its own, and waits until it serves. */
export async function startTempo(options: TempoOptions = {}): Promise<TempoBackend> {
  const binary = await buildBackend('tempo', options);
  return retryOnPortInUse(async () => {
    const ports = await choosePorts(options);
    const folder = await mkdtemp(join(tmpdir(), 'hopspan-tempo-'));
    const removeFolder = () => rm(folder, { recursive: true, force: true });
    try {
      const server = await startServer(binary, folder, ports);
      return newBackend('Tempo', ports, server, queries(loopbackUrl(ports.query)), removeFolder);
    } catch (error) {
      await removeFolder();
      throw error;
    }
  });
}

async function startServer(binary: string, folder: string, ports: BackendPorts): Promise<ServerProcess> {
  const configFile = join(folder, 'tempo.json');
  await writeFile(configFile, JSON.stringify(configuration(folder, ports)));
  const isReady = async () => {
    const signal = AbortSignal.timeout(READY_REQUEST_MILLIS);
    const ready = await fetch(`${loopbackUrl(ports.query)}/ready`, { signal });
    return ready.ok && acceptsOtlp(loopbackUrl(ports.otlpHttp));
  };
  return ServerProcess.start({ name: 'Tempo', binary, args: [`-config.file=${configFile}`], isReady });
}

function queries(queryUrl: string) {
  return {
    getTrace: (traceId: string) => getTrace(queryUrl, traceId),
    findTraces: (service: string, limit = 20) => findTraces(queryUrl, service, limit),
    services: () => services(queryUrl),
  };
}

function configuration(folder: string, ports: BackendPorts): object {
  const endpoint = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  return {
    usage_report: { reporting_enabled: false },
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: ports.query,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: ports.internal,
      log_level: 'warn',
    },
    distributor: {
      receivers: {
        otlp: { protocols: { grpc: endpoint(ports.otlpGrpc), http: endpoint(ports.otlpHttp) } },
      },
    },
    ingester: {
      // A trace can be got by its id at once, but found by a search only when it has been written.
      trace_idle_period: '200ms',
      flush_check_period: '200ms',
      lifecycler: { address: '127.0.0.1', min_ready_duration: '0s', final_sleep: '0s' },
    },
    metrics_generator: { ring: { kvstore: { store: 'inmemory' } } },
    overrides: {
      defaults: {
        ingestion: { rate_limit_bytes: NO_LIMIT, burst_size_bytes: NO_LIMIT, max_traces_per_user: 0 },
        global: { max_bytes_per_trace: 0 },
      },
    },
    storage: {
      trace: {
        backend: 'local',
        wal: { path: join(folder, 'wal') },
        local: { path: join(folder, 'blocks') },
      },
    },
  };
}

async function getTrace(queryUrl: string, traceId: string): Promise<BackendSpan[]> {
  const answer = await fetchJson<{ batches?: OtlpResourceSpans[] }>(`${queryUrl}/api/traces/${traceId}`);
  return decodeOtlpSpans(answer?.batches ?? []);
}

async function findTraces(queryUrl: string, service: string, limit: number): Promise<BackendSpan[][]> {
  const query = new URLSearchParams({
    q: `{ resource.service.name = ${JSON.stringify(service)} }`,
    limit: String(limit),
  });
  const answer = await fetchJson<{ traces?: { traceID: string }[] }>(`${queryUrl}/api/search?${query}`);
  // Ids come without their leading zeros.
  const ids = (answer?.traces ?? []).map(({ traceID }) => traceID.padStart(32, '0'));
  return Promise.all(ids.map((id) => getTrace(queryUrl, id)));
}

async function services(queryUrl: string): Promise<string[]> {
  const url = `${queryUrl}/api/v2/search/tag/resource.service.name/values`;
  const answer = await fetchJson<{ tagValues?: { value: string }[] }>(url);
  return (answer?.tagValues ?? []).map(({ value }) => value).sort();
}
