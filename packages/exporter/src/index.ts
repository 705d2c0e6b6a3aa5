// SPDX-License-Identifier: Apache-2.0
export { Backoff } from './backoff.ts';
export { getHistogramDefaults, type HistogramOptions } from './duration-buckets.ts';
export { type ExporterErrorCode, HopExporterError } from './errors.ts';
export { hopAttributes, hopSpanName, type NamedHop } from './hop-attributes.ts';
export { HopDurationHistogram, type HopDurationHistogramOptions } from './hop-duration-histogram.ts';
export { HopSpan } from './hop-span.ts';
export {
  HopSpanExporter,
  type HopSpanExporterCounters,
  type HopSpanExporterOptions,
} from './hop-span-exporter.ts';
export { LOST_SPAN_NAME, lostAttributes } from './lost-attributes.ts';
export { LostSpan } from './lost-span.ts';
export {
  formatOpenMetricsFamily,
  joinOpenMetrics,
  OPEN_METRICS_CONTENT_TYPE,
  type OpenMetricsSample,
} from './open-metrics.ts';
export type { OtlpMetricsRequest } from './otlp-metrics-json.ts';
export type { OtlpProtocol, OtlpSpanExporterOptions, OtlpTlsOptions } from './otlp-options.ts';
export { createOtlpSpanExporter } from './otlp-span-exporter.ts';
export { getRetryDefaults, type RetryOnFailureOptions } from './retry-options.ts';
export { judgeExportError, type RetryVerdict } from './retryable.ts';
export {
  type RetryCounters,
  RetryingSpanExporter,
  type RetryingSpanExporterOptions,
} from './retrying-span-exporter.ts';
export { DEFAULT_SERVICE_NAME, getDefaultResource, HOPSPAN_SCOPE } from './scope.ts';
export {
  ATTR_DESTINATION_ADDRESS,
  ATTR_DESTINATION_PORT,
  ATTR_ERROR_TYPE,
  ATTR_HOPSPAN_BUDGET_AWAY,
  ATTR_HOPSPAN_BUDGET_POD,
  ATTR_HOPSPAN_BUDGET_REQUEST,
  ATTR_HOPSPAN_BUDGET_RESPONSE,
  ATTR_HOPSPAN_BUDGET_RETRANSMISSION,
  ATTR_HOPSPAN_BUDGET_ROLE,
  ATTR_HOPSPAN_DIRECTION,
  ATTR_HOPSPAN_FROM_DESTINATION_ADDRESS,
  ATTR_HOPSPAN_FROM_DESTINATION_PORT,
  ATTR_HOPSPAN_FROM_HOOK,
  ATTR_HOPSPAN_FROM_INTERFACE,
  ATTR_HOPSPAN_FROM_ROLE,
  ATTR_HOPSPAN_FROM_SOURCE_ADDRESS,
  ATTR_HOPSPAN_FROM_SOURCE_PORT,
  ATTR_HOPSPAN_KIND,
  ATTR_HOPSPAN_LOST_EVIDENCE,
  ATTR_HOPSPAN_LOST_INTERFACE,
  ATTR_HOPSPAN_LOST_REASON,
  ATTR_HOPSPAN_LOST_RETRANSMISSIONS,
  ATTR_HOPSPAN_REQUEST_POSITION,
  ATTR_HOPSPAN_RETRANSMISSION,
  ATTR_HOPSPAN_STREAM_POSITION,
  ATTR_HOPSPAN_TO_DESTINATION_ADDRESS,
  ATTR_HOPSPAN_TO_DESTINATION_PORT,
  ATTR_HOPSPAN_TO_HOOK,
  ATTR_HOPSPAN_TO_INTERFACE,
  ATTR_HOPSPAN_TO_ROLE,
  ATTR_HOPSPAN_TO_SOURCE_ADDRESS,
  ATTR_HOPSPAN_TO_SOURCE_PORT,
  ATTR_HOPSPAN_WIRE_ROUND_TRIP,
  ATTR_HOST_NAME,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_INTERFACE_NAME,
  ATTR_NETWORK_IO_DIRECTION,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_TRANSPORT,
  ATTR_NETWORK_TYPE,
  ATTR_SERVICE_NAME,
  ATTR_SOURCE_ADDRESS,
  ATTR_SOURCE_PORT,
  ATTR_TUNNEL_DESTINATION_ADDRESS,
  ATTR_TUNNEL_ID,
  ATTR_TUNNEL_SOURCE_ADDRESS,
  ATTR_TUNNEL_TYPE,
  METRIC_HOPSPAN_HOP_DURATION,
  METRIC_HOPSPAN_WIRE_ROUND_TRIP_DURATION,
  NETWORK_TRANSPORT_VALUE_TCP,
  SCHEMA_URL,
} from './semconv.ts';
export { SendingQueue } from './sending-queue.ts';
export {
  getSendingQueueDefaults,
  type SendingQueueCounters,
  type SendingQueueOptions,
} from './sending-queue-options.ts';
export { readStitchingFacts, type SpanFacts, type StitchingFacts } from './stitching-facts.ts';
export { TracerHopExporter, type TracerHopExporterOptions } from './tracer-hop-exporter.ts';
export { hopToSpan } from './transform.ts';
export type {
  ExportResultLike,
  ReadableSpanLike,
  ResourceLike,
  ScopeLike,
  SpanExporterLike,
  SpanProcessorLike,
} from './types.ts';
export { type WireRoundTrip, WireRoundTripHistogram } from './wire-round-trip-histogram.ts';
