// SPDX-License-Identifier: Apache-2.0
import { context, createContextKey } from '@opentelemetry/api';
import type { ExportResultLike, ReadableSpanLike, SpanExporterLike } from './types.ts';

/** Code of a successful ExportResult, the same on both SDK lines. */
export const EXPORT_SUCCESS = 0;
/** Code of a failed ExportResult. */
export const EXPORT_FAILED = 1;

// The SDK's own key, found by its description: instrumented http and gRPC clients make no spans under it.
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** One export as a promise that never rejects; an exporter that throws has failed. */
export function exportOnce(exporter: SpanExporterLike, spans: ReadableSpanLike[]): Promise<ExportResultLike> {
  const suppressed = context.active().setValue(SUPPRESS_TRACING, true);
  return new Promise((resolve) => {
    try {
      context.with(suppressed, () => exporter.export(spans, resolve));
    } catch (error) {
      resolve({ code: EXPORT_FAILED, error: error instanceof Error ? error : new Error(String(error)) });
    }
  });
}
