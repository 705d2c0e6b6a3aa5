// SPDX-License-Identifier: Apache-2.0
import type { LostMessage } from '@hopspan/core';
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
} from '@opentelemetry/api';
import { remoteContext } from './hop-span.ts';
import { hopTimes } from './hop-times.ts';
import { describeLoss, LOST_SPAN_NAME, lostAttributes } from './lost-attributes.ts';
import { newSpanId } from './span-id.ts';
import type { ReadableSpanLike, ResourceLike, ScopeLike } from './types.ts';

/** The span of a lost message: an error, from its last sighting until it was dropped or sent again. */
export class LostSpan<R extends ResourceLike = ResourceLike> implements ReadableSpanLike {
  readonly name = LOST_SPAN_NAME;
  readonly kind: SpanKind = SpanKind.INTERNAL;
  readonly parentSpanContext: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly attributes: Attributes;
  readonly resource: R;
  readonly instrumentationScope: ScopeLike;
  readonly status: SpanStatus;
  readonly links: Link[] = [];
  readonly events: never[] = [];
  readonly ended = true;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: SpanContext;

  constructor(lost: LostMessage, resource: R, scope: ScopeLike) {
    const times = hopTimes(lost);
    this.parentSpanContext = remoteContext(lost.context);
    this.startTime = times.start;
    this.endTime = times.end;
    this.duration = times.duration;
    this.attributes = lostAttributes(lost);
    this.status = { code: SpanStatusCode.ERROR, message: describeLoss(lost) };
    this.resource = resource;
    this.instrumentationScope = scope;
    this.#context = { ...this.parentSpanContext, isRemote: false, spanId: newSpanId() };
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}
