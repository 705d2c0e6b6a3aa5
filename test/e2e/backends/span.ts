// SPDX-License-Identifier: Apache-2.0

/** Kind of a span, as OpenTelemetry names it. */
export type BackendSpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span as a backend gives it back. */
export interface BackendSpan {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Undefined for a root span. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: BackendSpanKind;
  /** The resource's `service.name`; empty when it has none. */
  readonly service: string;
  /** Name of the instrumentation scope; empty when it has none. */
  readonly scope: string;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  /** The start in whole microseconds. */
  readonly startUs: number;
  /** The duration in microseconds, exact to the nanosecond. */
  readonly durationUs: number;
  /** Integers as numbers where they are safe, else as bigints; bytes in base64. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  /** What the backend found wrong with the span. Tempo never says anything. */
  readonly warnings: readonly string[];
}
