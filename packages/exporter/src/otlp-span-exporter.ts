// SPDX-License-Identifier: Apache-2.0
import { loadGrpcModule, loadOtlpModule, type OtlpExporterModule } from './otlp-modules.ts';
import {
  type OtlpSpanExporterOptions,
  type OtlpTlsOptions,
  type ResolvedOtlpOptions,
  resolveOtlpOptions,
} from './otlp-options.ts';
import { RenewingSpanExporter } from './renewing-span-exporter.ts';
import { RetryingSpanExporter } from './retrying-span-exporter.ts';
import type { SpanExporterLike } from './types.ts';
import { VERSION } from './version.ts';

/**
 * An OTLP exporter of the OpenTelemetry SDK (whichever line is installed) that retries. Loads the exporter's package
 * now, and connects when the first spans come. Give it to a SendingQueue or a HopSpanExporter.
 * @throws HopspanError HOPSPAN_ERR_INVALID_OPTION, HOPSPAN_ERR_INVALID_ENDPOINT,
 *   HOPSPAN_ERR_EXPORTER_NOT_INSTALLED, HOPSPAN_ERR_EXPORTER_LOAD
 */
export async function createOtlpSpanExporter(
  options: OtlpSpanExporterOptions = {},
): Promise<RetryingSpanExporter> {
  const resolved = resolveOtlpOptions(options);
  const module = await loadOtlpModule(resolved.protocol);
  const exporter =
    resolved.protocol === 'grpc' ? grpcExporter(module, resolved) : httpExporter(module, resolved);
  return new RetryingSpanExporter(exporter, { retryOnFailure: options.retryOnFailure });
}

function grpcExporter(module: OtlpExporterModule, options: ResolvedOtlpOptions): SpanExporterLike {
  const grpc = loadGrpcModule();
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  const { ca, key, cert } = pemBuffers(options.tls);
  const credentials = options.endpoint.startsWith('https:')
    ? grpc.credentials.createSsl(ca, key, cert)
    : grpc.credentials.createInsecure();
  const userAgent = userAgentOf(options);
  return new RenewingSpanExporter(
    (generation) =>
      new module.OTLPTraceExporter({
        url: options.endpoint,
        credentials,
        metadata,
        compression: options.compression,
        timeoutMillis: options.timeoutMillis,
        // gRPC shares connections between channels with equal arguments, back-off included: the number keeps them apart.
        userAgent: generation === 1 ? userAgent : `${userAgent} channel/${generation}`,
      }),
  );
}

function httpExporter(module: OtlpExporterModule, options: ResolvedOtlpOptions): SpanExporterLike {
  return new module.OTLPTraceExporter({
    url: options.endpoint,
    headers: { ...options.headers },
    compression: options.compression,
    timeoutMillis: options.timeoutMillis,
    userAgent: userAgentOf(options),
    ...(options.tls === undefined ? {} : { httpAgentOptions: { keepAlive: true, ...options.tls } }),
  });
}

function userAgentOf(options: OtlpSpanExporterOptions): string {
  return options.userAgent ?? `hopspan/${VERSION}`;
}

function pemBuffers(tls: OtlpTlsOptions = {}): { ca?: Buffer; key?: Buffer; cert?: Buffer } {
  const buffer = (pem: string | Buffer | undefined) => (typeof pem === 'string' ? Buffer.from(pem) : pem);
  return { ca: buffer(tls.ca), key: buffer(tls.key), cert: buffer(tls.cert) };
}
