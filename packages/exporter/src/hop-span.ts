// SPDX-License-Identifier: Apache-2.0
import type { Hop, PacketContext } from '@hopspan/core';
import { parseTraceState } from '@hopspan/core';
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
} from '@opentelemetry/api';
import { hopAttributes, hopSpanName, isErrorStatus } from './hop-attributes.ts';
import { hopTimes } from './hop-times.ts';
import { newSpanId } from './span-id.ts';
import type { ReadableSpanLike, ResourceLike, ScopeLike } from './types.ts';

// Shared by all spans: exporters read these and never write.
const STATUS_UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });
const STATUS_ERROR: SpanStatus = Object.freeze({ code: SpanStatusCode.ERROR });
const NO_LINKS: Link[] = [];
const NO_EVENTS: never[] = [];

/**
 * The span of a hop, shaped as the SDK's ReadableSpan. Every field is set in the constructor, so that all of
 * them share one hidden class.
 */
export class HopSpan<R extends ResourceLike = ResourceLike> implements ReadableSpanLike {
  readonly name: string;
  // Never CLIENT or SERVER: back ends would pair the hop with the application's own spans.
  readonly kind: SpanKind = SpanKind.INTERNAL;
  readonly parentSpanContext: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly attributes: Attributes;
  readonly resource: R;
  readonly instrumentationScope: ScopeLike;
  readonly status: SpanStatus;
  readonly links: Link[] = NO_LINKS;
  readonly events: never[] = NO_EVENTS;
  readonly ended = true;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: SpanContext;

  constructor(hop: Hop, resource: R, scope: ScopeLike) {
    const times = hopTimes(hop);
    this.name = hopSpanName(hop);
    this.parentSpanContext = remoteContext(hop.context);
    this.startTime = times.start;
    this.endTime = times.end;
    this.duration = times.duration;
    this.attributes = hopAttributes(hop);
    this.status = isErrorStatus(hop.statusCode) ? STATUS_ERROR : STATUS_UNSET;
    this.resource = resource;
    this.instrumentationScope = scope;
    this.#context = {
      traceId: hop.context.traceId,
      spanId: newSpanId(),
      traceFlags: hop.context.traceFlags,
      traceState: this.parentSpanContext.traceState,
    };
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}

/** The packet's context as the parent of a span; an unreadable tracestate is left out. */
export function remoteContext(context: PacketContext): SpanContext {
  const { traceId, spanId, traceFlags, traceState } = context;
  return {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    traceState: traceState === undefined ? undefined : parseTraceState(traceState),
  };
}
