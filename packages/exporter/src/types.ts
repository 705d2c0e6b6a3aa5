// SPDX-License-Identifier: Apache-2.0
import type { Attributes, HrTime, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';

/*
 * The parts of the OpenTelemetry SDK this package touches, described by their shape: what comes from
 * @opentelemetry/sdk-trace-base 2.x and from @opentelemetry/sdk-trace 3.x fits alike, and neither is needed to compile.
 */

/** A resource of either SDK line. Pass the same object every time: exporters group spans by its identity. */
export interface ResourceLike {
  readonly attributes: Attributes;
  readonly schemaUrl?: string;
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

/** An instrumentation scope. */
export interface ScopeLike {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
}

/** An ended span of either SDK line. */
export interface ReadableSpanLike {
  readonly name: string;
  readonly kind: SpanKind;
  spanContext(): SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: unknown[];
  readonly duration: HrTime;
  readonly ended: boolean;
  readonly resource: ResourceLike;
  readonly instrumentationScope: ScopeLike;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** Outcome of an export: code 0 is success, 1 is failure. */
export interface ExportResultLike {
  code: number;
  error?: Error;
}

/** A SpanExporter of either SDK line. */
export interface SpanExporterLike {
  export(spans: ReadableSpanLike[], resultCallback: (result: ExportResultLike) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What hop spans need of a SpanProcessor of either SDK line. */
export interface SpanProcessorLike {
  onEnd(span: ReadableSpanLike): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}
