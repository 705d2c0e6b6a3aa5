// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { LabError } from './errors.ts';
import type { Lab } from './lab.ts';
import type { Namespace } from './namespace.ts';
import type { NodeOptions, PodOptions } from './options.ts';
import type { LabProcess } from './process.ts';

/** Nodes as in the paper: four, and the client outside. */
export const bookinfoNodes: NodeOptions[] = [1, 2, 3, 4].map((n) => ({ name: `node${n}` }));

/** Gateway and productpage share a node, every other service has one to itself. */
export const bookinfoPods: PodOptions[] = [
  { name: 'gateway', node: 'node1' },
  { name: 'productpage', node: 'node1' },
  { name: 'details', node: 'node2' },
  { name: 'reviews', node: 'node3' },
  { name: 'ratings', node: 'node4' },
];

/** Options of deployBookinfo. */
export interface BookinfoOptions {
  /** OTLP/gRPC endpoint that the services send spans to: `unix:///path` or `http://host:port`. */
  readonly endpoint: string;
  /** Share of traces that the gateway samples, 0 to 1. Default: 1. */
  readonly sampleRatio?: number;
}

/** Options of Bookinfo.drive. */
export interface DriveOptions {
  readonly requests: number;
  /** Requests under way at a time. Default: 1. */
  readonly concurrency?: number;
  /** Most requests a second. Default: as many as there are answers to. */
  readonly perSecond?: number;
  /** Called a few times a second with the number of requests that have an answer. */
  readonly onProgress?: (done: number) => void;
  /** Where the client runs. Default: the fabric, outside of the cluster. */
  readonly from?: Namespace;
  /** Ends it early; the report then counts what was sent. Default: none. */
  readonly signal?: AbortSignal;
}

/** How many requests were sent, and how many got no answer or another status than 200. */
export interface DriveResult {
  requests: number;
  failed: number;
}

/** DriveResult with times as the client saw them. */
export interface DriveReport extends DriveResult {
  durationMs: number;
  p50Us: number;
  p99Us: number;
}

const PORT = 9080;
const START_MILLIS = 60_000;
const source = (path: string) =>
  fileURLToPath(new URL(`../../examples/bookinfo/src/${path}`, import.meta.url));
const CLIENT = fileURLToPath(new URL('traffic/drive.ts', import.meta.url));

/** Bookinfo, running in a lab. */
export class Bookinfo {
  /** TCP port of every service. */
  readonly port = PORT;
  /** What users ask the gateway for. */
  readonly url: string;
  /** Its processes by service. */
  readonly services: ReadonlyMap<string, LabProcess>;
  readonly #lab: Lab;

  constructor(lab: Lab, services: ReadonlyMap<string, LabProcess>) {
    this.#lab = lab;
    this.services = services;
    this.url = `http://${lab.pod('gateway').address}:${PORT}/productpage`;
  }

  /**
   * Sends requests to the gateway.
   * @throws LabError as driveFrom
   */
  drive({ from = this.#lab.fabric, ...options }: DriveOptions): Promise<DriveReport> {
    return driveFrom(from, this.url, options);
  }

  /**
   * Ends the services by SIGTERM, callers before callees; each sends its last spans first.
   * @throws LabError HOPSPAN_ERR_LAB_PROCESS when one ends in another way: its last spans may be lost
   */
  async stop(): Promise<void> {
    for (const [name, service] of this.services) {
      const { code, signal } = await service.stop();
      if (code === 0) continue;
      const output = service.stderr.lines.slice(-10).join('\n');
      throw new LabError(
        'HOPSPAN_ERR_LAB_PROCESS',
        `Bookinfo.stop: ${name} ended with ${signal ?? `status ${code}`} instead of status 0. ${output}`,
      );
    }
  }
}

/**
 * Sends requests to a URL from somewhere.
 * @throws LabError HOPSPAN_ERR_LAB_PROCESS when the client itself fails; failed requests are counted
 */
export async function driveFrom(
  from: Namespace,
  url: string,
  { requests, concurrency = 1, perSecond = 0, onProgress, signal }: Omit<DriveOptions, 'from'>,
): Promise<DriveReport> {
  const args = [CLIENT, url, ...[requests, concurrency, perSecond].map(String)];
  const client = from.spawn(process.execPath, args);
  client.stdout.onLine((line) => {
    if (line.startsWith('done ')) onProgress?.(Number(line.slice(5)));
  });
  const end = () => client.kill('SIGTERM');
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  await client.exited;
  signal?.removeEventListener('abort', end);
  const report = client.stdout.lines.findLast((line) => line.startsWith('{'));
  if (report !== undefined) return JSON.parse(report) as DriveReport;
  // Aborted before it could do anything.
  if (signal?.aborted) return { requests: 0, failed: 0, durationMs: 0, p50Us: 0, p99Us: 0 };
  const problem = client.stderr.lines.slice(-10).join('\n');
  throw new LabError(
    'HOPSPAN_ERR_LAB_PROCESS',
    `Bookinfo.drive: the client ended without a report: ${problem}`,
  );
}

/**
 * Starts the five services in the pods that bear their names; resolves when all of them listen.
 * @param lab made with bookinfoNodes and bookinfoPods, or with pods of these names elsewhere
 * @throws LabError HOPSPAN_ERR_LAB_PROCESS or HOPSPAN_ERR_LAB_TIMEOUT when one does not start
 */
export async function deployBookinfo(lab: Lab, options: BookinfoOptions): Promise<Bookinfo> {
  const names = bookinfoPods.map((pod) => pod.name);
  const peers = names.map((name) => [`${name.toUpperCase()}_URL`, `http://${lab.pod(name).address}:${PORT}`]);
  const env = {
    ...(Object.fromEntries(peers) as Record<string, string>),
    PORT: String(PORT),
    OTEL_EXPORTER_OTLP_ENDPOINT: options.endpoint,
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
    BOOKINFO_SAMPLE_RATIO: String(options.sampleRatio ?? 1),
  };
  const services = new Map(
    names.map((name) => {
      const args = ['--import', source('tracing.ts'), source('main.ts'), name];
      return [
        name,
        lab.pod(name).spawn(process.execPath, args, { env: { ...env, OTEL_SERVICE_NAME: name } }),
      ];
    }),
  );
  await Promise.all(
    [...services.values()].map((service) => service.waitForLine(/ listening /, START_MILLIS)),
  );
  return new Bookinfo(lab, services);
}
