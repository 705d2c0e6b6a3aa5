// SPDX-License-Identifier: Apache-2.0
import { type Released, Stitcher, type StitcherCounters } from '@hopspan/core';
import { ATTR_HOPSPAN_WIRE_ROUND_TRIP, readStitchingFacts, WireRoundTripHistogram } from '@hopspan/exporter';
import { countSpans, type ResourceSpans, type ScopeSpans, type Span, type TraceRequest } from './otlp.ts';

/** Options of RequestStitcher. */
export interface RequestStitcherOptions {
  readonly holdMillis: number;
  readonly maxRequests: number;
  /** Gets the spans that were held, in requests of at most `maxSpans` spans. */
  readonly release: (request: TraceRequest, spans: number) => void;
  /** Default: 1024. */
  readonly maxSpans?: number;
}

/** A span that is held, with the resource and the scope that it came under. */
interface HeldSpan {
  readonly resource: ResourceSpans;
  readonly scope: ScopeSpans;
  readonly span: Span;
}

/** Takes the spans that wait for another node's part out of OTLP requests, and hands them on when they are decided. */
export class RequestStitcher {
  readonly #stitcher: Stitcher<HeldSpan>;
  readonly #histogram = new WireRoundTripHistogram();
  readonly #release: RequestStitcherOptions['release'];
  readonly #maxSpans: number;

  constructor({ holdMillis, maxRequests, release, maxSpans = 1024 }: RequestStitcherOptions) {
    this.#release = release;
    this.#maxSpans = maxSpans;
    this.#stitcher = new Stitcher({
      holdMillis,
      maxRequests,
      release: (released) => this.#handOn(released),
    });
  }

  /**
   * Looks at every span of a request.
   * @returns what is to be sent on now: the request itself when nothing of it is held, undefined when all of it is
   */
  take(request: TraceRequest, nowMillis: number): TraceRequest | undefined {
    let held = 0;
    const resourceSpans = (request.resourceSpans ?? []).map((resource) => ({
      ...resource,
      scopeSpans: (resource.scopeSpans ?? []).map((scope) => {
        const spans = (scope.spans ?? []).filter((span) => !this.#hold({ resource, scope, span }, nowMillis));
        held += (scope.spans?.length ?? 0) - spans.length;
        return { ...scope, spans };
      }),
    }));
    if (held === 0) return request;
    const rest = { ...request, resourceSpans: withoutEmpty(resourceSpans) };
    return countSpans(rest) === 0 ? undefined : rest;
  }

  /** Hands on what was held for long enough. */
  advance(nowMillis: number): void {
    this.#stitcher.advance(nowMillis);
  }

  /** Hands on everything that is held. */
  flush(): void {
    this.#stitcher.flush();
  }

  /** Spans that are held. */
  get held(): number {
    return this.#stitcher.counters().held;
  }

  counters(): StitcherCounters {
    return this.#stitcher.counters();
  }

  /** The round trips as a histogram, one family of OpenMetrics text. */
  toOpenMetrics(): string {
    return this.#histogram.toOpenMetrics();
  }

  #hold(item: HeldSpan, nowMillis: number): boolean {
    const { part, copyOf } = readStitchingFacts({
      traceId: hex(item.span.traceId),
      spanId: hex(item.span.spanId),
      parentSpanId: hex(item.span.parentSpanId),
      attribute: (name) => attributeOf(item.span, name),
    });
    const isHeld = part !== undefined && this.#stitcher.add(part, item, nowMillis);
    if (copyOf !== undefined) this.#stitcher.noteCopy(copyOf);
    return isHeld;
  }

  #handOn(released: readonly Released<HeldSpan>[]): void {
    for (let at = 0; at < released.length; at += this.#maxSpans) {
      const some = released.slice(at, at + this.#maxSpans).map((each) => this.#finish(each));
      this.#release({ resourceSpans: regroup(some) }, some.length);
    }
  }

  #finish({ item, roundTripNs }: Released<HeldSpan>): HeldSpan {
    if (roundTripNs === undefined) return item;
    const { span } = item;
    const context = {
      traceId: hex(span.traceId),
      spanId: hex(span.spanId),
      traceFlags: (span.flags ?? 1) & 0xff,
    };
    this.#histogram.record({ durationNs: roundTripNs, unixNano: BigInt(span.endTimeUnixNano ?? 0), context });
    const added = { key: ATTR_HOPSPAN_WIRE_ROUND_TRIP, value: { intValue: String(roundTripNs) } };
    return { ...item, span: { ...span, attributes: [...(span.attributes ?? []), added] } };
  }
}

/** Spans that came under one resource and scope go under one again. */
function regroup(items: readonly HeldSpan[]): ResourceSpans[] {
  return [...Map.groupBy(items, ({ resource }) => resource)].map(([resource, ofResource]) => ({
    ...resource,
    scopeSpans: [...Map.groupBy(ofResource, ({ scope }) => scope)].map(([scope, ofScope]) => ({
      ...scope,
      spans: ofScope.map(({ span }) => span),
    })),
  }));
}

function withoutEmpty(resourceSpans: readonly ResourceSpans[]): ResourceSpans[] {
  return resourceSpans
    .map((resource) => ({
      ...resource,
      scopeSpans: resource.scopeSpans?.filter(({ spans = [] }) => spans.length > 0),
    }))
    .filter(({ scopeSpans = [] }) => scopeSpans.length > 0);
}

function attributeOf({ attributes = [] }: Span, name: string): unknown {
  const value = attributes.find(({ key }) => key === name)?.value;
  if (value?.intValue !== undefined) return Number(value.intValue);
  return value?.stringValue;
}

function hex(bytes: Buffer | undefined): string {
  return bytes?.toString('hex') ?? '';
}
