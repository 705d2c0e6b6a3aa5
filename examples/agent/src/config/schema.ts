// SPDX-License-Identifier: Apache-2.0
// Every key the configuration knows, with its default. README.md has the same as a table.
import { z } from 'zod';
import { type OtlpProtocol, parseOtlpEndpoint } from '../net/endpoint.ts';
import { duration, namesOnly, port } from './schema-parts.ts';
import { suggest } from './suggest.ts';

const deviceNames = z.array(z.string().min(1).max(64)).min(1);

export const defaultVportGlobs = ['cali*', 'veth*', 'lxc*', 'eni*', 'gke*'] as const;

const pointModes = ['two', 'all'] as const;
const pointsHint = 'expected two, all or a list of devices';

/** What lies between NIC and vport: nothing, everything, or the devices of a list. */
const points = z
  .union([z.enum(pointModes), z.array(z.string().min(1).max(64)).min(1, pointsHint)], {
    error: ({ input }) => {
      const nearest = typeof input === 'string' ? suggest(input, pointModes) : undefined;
      return nearest === undefined ? pointsHint : `${pointsHint}; did you mean "${nearest}"?`;
    },
  })
  .default('two');

/** receivers::ebpf_hops::pods::in_topology: pods of services that call others, or are called, as Jaeger knows. */
const inTopologySchema = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/, error: 'expected a URL such as http://jaeger:16686' }),
  headers: z.record(z.string(), z.string()).default({}),
  interval: duration('1m', { min: 1000 }),
  lookback: duration('24h', { min: 1000 }),
  timeout: duration('10s', { min: 1 }),
});

/** receivers::ebpf_hops::pods: which pods are traced, where Kubernetes is known. */
const podSelectorSchema = z.strictObject({
  namespaces: namesOnly.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  workloads: namesOnly.optional(),
  in_topology: inTopologySchema.optional(),
});

const contextNames = ['traceparent', 'b3', 'x-b3', 'uber-trace-id', 'x-amzn-trace-id', 'sw8'] as const;

/** Headers with a context, in order of precedence. */
const contexts = z
  .array(z.enum(contextNames))
  .min(1, 'expected at least one header')
  .refine((names) => new Set(names).size === names.length, 'expected each header at most once');

/** receivers::ebpf_hops */
export const ebpfHopsSchema = z.strictObject({
  interfaces: z
    .strictObject({
      nic: deviceNames.optional(),
      vport: deviceNames.optional(),
    })
    .prefault({}),
  points,
  pods: podSelectorSchema.optional(),
  attach: z.enum(['auto', 'tcx', 'clsact']).default('auto'),
  search_bytes: z.int().min(256).max(8192).default(8192),
  contexts: contexts.default(['traceparent']),
  trace_state: z.boolean().default(false),
  responses: z.boolean().default(true),
  vxlan_ports: z.array(port).max(4).default([4789, 8472]),
  table_slots: z.int().min(4).max(16_777_216).default(8192),
  connection_slots: z.int().min(4).max(4_194_304).default(8192),
  header_buffers: z.int().min(8).max(4096).default(64),
  ring_bytes: z
    .int()
    .min(4096)
    .max(268_435_456)
    .refine((bytes) => Number.isInteger(Math.log2(bytes)), 'expected a power of two')
    .default(262_144),
  path_timeout: duration('1s', { min: 1 }),
  max_source_rate: z.int().min(0).max(10_000_000).default(10_000),
  max_cpu_rate: z.int().min(0).max(10_000_000).default(50_000),
  lost_messages: z.boolean().default(true),
  poll_interval: duration('100ms', { min: 1 }),
});

const retrySchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    initial_interval: duration('500ms', { min: 1 }),
    max_interval: duration('5s', { min: 1 }),
    max_elapsed_time: duration('5m', { min: 1 }),
    multiplier: z.number().min(1).max(100).default(1.5),
    randomization_factor: z.number().min(0).max(1).default(0.5),
  })
  .prefault({});

const queueSchema = z
  .strictObject({
    queue_size: z.int().min(1).max(10_000_000).default(16_384),
    batch: z
      .strictObject({
        flush_timeout: duration('500ms', { min: 1 }),
        max_size: z.int().min(1).max(100_000).default(1024),
      })
      .prefault({}),
  })
  .prefault({});

const tlsSchema = z
  .strictObject({
    insecure: z.boolean().optional(),
    ca_file: z.string().min(1).optional(),
    cert_file: z.string().min(1).optional(),
    key_file: z.string().min(1).optional(),
  })
  .refine((tls) => (tls.cert_file === undefined) === (tls.key_file === undefined), {
    message: 'expected cert_file and key_file together',
  })
  .prefault({});

/** exporters::otlp_grpc and exporters::otlp_http, which differ in what their endpoint may be. */
function otlp(protocol: OtlpProtocol, forms: string) {
  const hint = `expected ${forms}`;
  return z
    .strictObject({
      endpoint: z.string(hint).min(1),
      tls: tlsSchema,
      headers: z.record(z.string(), z.string()).default({}),
      compression: z.enum(['none', 'gzip']).default('none'),
      timeout: duration('10s', { min: 1 }),
      retry_on_failure: retrySchema,
      sending_queue: queueSchema,
    })
    .superRefine(({ endpoint, tls }, context) => {
      if (parseOtlpEndpoint(endpoint, protocol, tls.insecure) !== undefined) return;
      context.addIssue({ code: 'custom', path: ['endpoint'], message: hint });
    });
}

export const otlpGrpcSchema = otlp('grpc', 'host:port, http://host:port, https://host:port or unix:///path');
export const otlpHttpSchema = otlp('http/protobuf', 'http://host:port or https://host:port');

/** exporters::debug */
export const debugSchema = z.strictObject({
  verbosity: z.enum(['basic', 'detailed']).default('detailed'),
});

/** extensions::health_check */
export const healthCheckSchema = z.strictObject({
  endpoint: z
    .string()
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:]+):\d{1,5}$/, 'expected host:port, such as 127.0.0.1:13143')
    .default('127.0.0.1:13143'),
});

const pullReader = z.strictObject({
  exporter: z.strictObject({
    prometheus: z.strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8898),
    }),
  }),
});

const periodicReader = z.strictObject({
  interval: duration('60s', { min: 100 }),
  timeout: duration('10s', { min: 1 }),
  exporter: z.strictObject({
    otlp_http: z.strictObject({
      endpoint: z.url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318' }),
      headers: z.record(z.string(), z.string()).default({}),
    }),
  }),
});

const reader = z
  .strictObject({ pull: pullReader.optional(), periodic: periodicReader.optional() })
  .refine((value) => (value.pull === undefined) !== (value.periodic === undefined), {
    message: 'expected exactly one of the keys pull and periodic',
  });

const ids = z.array(z.string());
const components = z.record(z.string(), z.unknown()).optional();

/** The document without its components, which are checked by their type. */
export const documentSchema = z.strictObject({
  receivers: components,
  processors: components,
  exporters: components,
  extensions: components,
  service: z
    .strictObject({
      extensions: ids.optional(),
      pipelines: z
        .strictObject({
          traces: z.strictObject({
            receivers: ids.min(1),
            processors: ids.optional(),
            exporters: ids.min(1),
          }),
        })
        .optional(),
      telemetry: z
        .strictObject({
          logs: z
            .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') })
            .prefault({}),
          metrics: z
            .strictObject({ readers: z.array(reader).default([{ pull: pullReader.parse(defaultPull()) }]) })
            .prefault({}),
          resource: z
            .strictObject({
              attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
            })
            .prefault({}),
        })
        .prefault({}),
    })
    .prefault({}),
});

function defaultPull(): unknown {
  return { exporter: { prometheus: {} } };
}

export type EbpfHopsConfig = z.output<typeof ebpfHopsSchema>;
export type PodSelectorConfig = z.output<typeof podSelectorSchema>;
export type OtlpConfig = z.output<typeof otlpGrpcSchema>;
export type DebugConfig = z.output<typeof debugSchema>;
export type HealthCheckConfig = z.output<typeof healthCheckSchema>;
export type ReaderConfig = z.output<typeof reader>;
export type PeriodicConfig = z.output<typeof periodicReader>;
export type DocumentConfig = z.output<typeof documentSchema>;
