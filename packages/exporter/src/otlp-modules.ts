// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { HopExporterError } from './errors.ts';
import type { OtlpProtocol } from './otlp-options.ts';
import type { SpanExporterLike } from './types.ts';

/** The part of an OTLP exporter package that is used. */
export interface OtlpExporterModule {
  OTLPTraceExporter: new (config: Record<string, unknown>) => SpanExporterLike;
}

/** The part of @grpc/grpc-js that is used. */
export interface GrpcModule {
  Metadata: new () => { set(key: string, value: string): void };
  credentials: {
    createInsecure(): unknown;
    createSsl(ca?: Buffer | null, key?: Buffer | null, cert?: Buffer | null): unknown;
  };
}

const PACKAGES: Readonly<Record<OtlpProtocol, string>> = {
  grpc: '@opentelemetry/exporter-trace-otlp-grpc',
  'http/protobuf': '@opentelemetry/exporter-trace-otlp-proto',
};

const importers: Readonly<Record<OtlpProtocol, () => Promise<unknown>>> = {
  grpc: () => import('@opentelemetry/exporter-trace-otlp-grpc'),
  'http/protobuf': () => import('@opentelemetry/exporter-trace-otlp-proto'),
};

/**
 * Loads the optional peer for a protocol, on first use.
 * @param load for tests. Default: import of the package
 * @throws HopspanError HOPSPAN_ERR_EXPORTER_NOT_INSTALLED, HOPSPAN_ERR_EXPORTER_LOAD
 */
export async function loadOtlpModule(
  protocol: OtlpProtocol,
  load: () => Promise<unknown> = importers[protocol],
): Promise<OtlpExporterModule> {
  const name = PACKAGES[protocol];
  try {
    return (await load()) as OtlpExporterModule;
  } catch (cause) {
    throw isMissing(cause, name) ? notInstalled(protocol, name, cause) : loadFailed(name, cause);
  }
}

/**
 * The grpc-js that the OTLP exporter itself uses, found from where that is installed: credentials and metadata of
 * another copy would not fit.
 * @throws HopspanError HOPSPAN_ERR_EXPORTER_LOAD
 */
export function loadGrpcModule(): GrpcModule {
  try {
    const exporter = createRequire(import.meta.url).resolve(PACKAGES.grpc);
    const base = createRequire(exporter).resolve('@opentelemetry/otlp-grpc-exporter-base');
    return createRequire(base)('@grpc/grpc-js') as GrpcModule;
  } catch (cause) {
    throw loadFailed('@grpc/grpc-js', cause);
  }
}

function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const missing = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
  return missing && error.message.includes(`'${name}'`);
}

function notInstalled(protocol: OtlpProtocol, name: string, cause: unknown): HopExporterError {
  return new HopExporterError(
    'HOPSPAN_ERR_EXPORTER_NOT_INSTALLED',
    `createOtlpSpanExporter: protocol ${protocol} needs the optional package ${name}, which is not installed. ` +
      `On the OpenTelemetry SDK 2.x line: npm install @opentelemetry/api@1.9.1 ${name}@0.223.1. ` +
      `On the 3.x line: npm install @opentelemetry/api@1.10.0 ${name}@0.301.0.`,
    { cause },
  );
}

function loadFailed(name: string, cause: unknown): HopExporterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HopExporterError(
    'HOPSPAN_ERR_EXPORTER_LOAD',
    `createOtlpSpanExporter: ${name} could not be loaded (${why}). Reinstall it in the version the README names.`,
    { cause },
  );
}
