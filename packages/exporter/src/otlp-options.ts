// SPDX-License-Identifier: Apache-2.0
import { checkInteger, invalidOption } from '@hopspan/core';
import { HopExporterError } from './errors.ts';
import type { RetryOnFailureOptions } from './retry-options.ts';

/** The two OTLP transports, by their OpenTelemetry names. */
export type OtlpProtocol = 'grpc' | 'http/protobuf';

/** Certificates of a TLS connection, PEM. */
export interface OtlpTlsOptions {
  /** Authorities to trust. Default: those of Node. */
  ca?: string | Buffer;
  /** Our certificate chain, for mutual TLS. Default: none. */
  cert?: string | Buffer;
  /** The key of `cert`. Default: none. */
  key?: string | Buffer;
}

/** Options of createOtlpSpanExporter. */
export interface OtlpSpanExporterOptions {
  /** Default: grpc. */
  protocol?: OtlpProtocol;
  /**
   * Where spans go. gRPC: `http://HOST:PORT` (plain text), `https://HOST:PORT` (TLS), `unix:///PATH` (plain text).
   * HTTP: the base URL, to which `/v1/traces` is added when it is not there.
   * Default: http://localhost:4317 for grpc, http://localhost:4318 for http/protobuf.
   */
  endpoint?: string;
  /** Sent with every request: gRPC metadata or HTTP headers. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /** Default: none. */
  compression?: 'gzip' | 'none';
  /** Time limit of one request, in milliseconds. Default: 10000. */
  timeoutMillis?: number;
  /** For https endpoints. Default: Node's authorities, no client certificate. */
  tls?: OtlpTlsOptions;
  /** Prepended to the user agent. Default: hopspan/VERSION. */
  userAgent?: string;
  /** How failed exports are tried again. Default: getRetryDefaults(). */
  retryOnFailure?: RetryOnFailureOptions;
}

const DEFAULT_ENDPOINTS: Readonly<Record<OtlpProtocol, string>> = {
  grpc: 'http://localhost:4317',
  'http/protobuf': 'http://localhost:4318',
};
const SCHEMES: Readonly<Record<OtlpProtocol, readonly string[]>> = {
  grpc: ['http:', 'https:', 'unix:'],
  'http/protobuf': ['http:', 'https:'],
};
const TRACES_PATH = '/v1/traces';

/** Options with protocol, endpoint, compression and time limit filled in and checked. */
export interface ResolvedOtlpOptions extends OtlpSpanExporterOptions {
  protocol: OtlpProtocol;
  endpoint: string;
  compression: 'gzip' | 'none';
  timeoutMillis: number;
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION, HOPSPAN_ERR_INVALID_ENDPOINT */
export function resolveOtlpOptions(options: OtlpSpanExporterOptions): ResolvedOtlpOptions {
  const protocol = options.protocol ?? 'grpc';
  if (!Object.hasOwn(SCHEMES, protocol)) {
    throw invalidOption('createOtlpSpanExporter', 'protocol', protocol, 'grpc or http/protobuf');
  }
  const compression = options.compression ?? 'none';
  if (compression !== 'none' && compression !== 'gzip') {
    throw invalidOption('createOtlpSpanExporter', 'compression', compression, 'gzip or none');
  }
  const timeoutMillis = options.timeoutMillis ?? 10_000;
  return {
    ...options,
    protocol,
    compression,
    endpoint: resolveEndpoint(protocol, options.endpoint ?? DEFAULT_ENDPOINTS[protocol]),
    timeoutMillis: checkInteger('createOtlpSpanExporter', 'timeoutMillis', timeoutMillis, { min: 1 }),
  };
}

function resolveEndpoint(protocol: OtlpProtocol, endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url === null || !SCHEMES[protocol].includes(url.protocol)) throw invalidEndpoint(protocol, endpoint);
  if (url.protocol === 'unix:') {
    if (url.pathname.length > 1) return endpoint;
    throw invalidEndpoint(protocol, endpoint);
  }
  if (url.hostname === '' || url.username !== '') throw invalidEndpoint(protocol, endpoint);
  if (protocol === 'grpc') {
    if (url.pathname !== '/' && url.pathname !== '') throw invalidEndpoint(protocol, endpoint);
    return url.origin;
  }
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(TRACES_PATH) ? path : path + TRACES_PATH;
  return url.href;
}

function invalidEndpoint(protocol: OtlpProtocol, endpoint: string): HopExporterError {
  const expected =
    protocol === 'grpc'
      ? 'http://HOST:PORT (plain text), https://HOST:PORT (TLS) or unix:///PATH, without a path after the port'
      : 'http://HOST:PORT or https://HOST:PORT';
  return new HopExporterError(
    'HOPSPAN_ERR_INVALID_ENDPOINT',
    `createOtlpSpanExporter: endpoint is ${JSON.stringify(endpoint)}; OTLP over ${protocol} needs ${expected}. ` +
      'Headers carry credentials, not the URL.',
  );
}
