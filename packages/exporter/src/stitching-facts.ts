// SPDX-License-Identifier: Apache-2.0
import { type RoundTripPart, roundTripKey } from '@hopspan/core';
import * as semconv from './semconv.ts';

/** What is read of a span, in whatever form it is at hand. */
export interface SpanFacts {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** The span id that was in the packet; undefined or empty at a root. */
  readonly parentSpanId: string | undefined;
  /** Value of an attribute by name; integers as number or bigint. */
  readonly attribute: (name: string) => unknown;
}

/** What a span tells a Stitcher. */
export interface StitchingFacts {
  /** One node's part of a wire round trip, where the span carries one. */
  readonly part?: RoundTripPart;
  /** Key of the request of which the span is a retransmitted copy. */
  readonly copyOf?: string;
}

const NOTHING: StitchingFacts = Object.freeze({});

/**
 * Reads what this package's hop spans tell a Stitcher: `hopspan.budget.*`, `hopspan.retransmission`,
 * `hopspan.request.position`, and for a request's span `hopspan.stream.position` instead of it.
 * @returns an empty object for spans of anything else
 */
export function readStitchingFacts({ traceId, spanId, parentSpanId, attribute }: SpanFacts): StitchingFacts {
  const kind = attribute(semconv.ATTR_HOPSPAN_KIND);
  if ((kind !== 'request' && kind !== 'response') || !parentSpanId) return NOTHING;
  const own =
    kind === 'request' ? semconv.ATTR_HOPSPAN_STREAM_POSITION : semconv.ATTR_HOPSPAN_REQUEST_POSITION;
  const position = readCount(attribute(own));
  if (position === undefined) return NOTHING;
  const key = roundTripKey(traceId, parentSpanId, position);
  const isCopy = (readCount(attribute(semconv.ATTR_HOPSPAN_RETRANSMISSION)) ?? 0) > 0;
  const duration = readDuration(attribute);
  return {
    ...(isCopy && { copyOf: key }),
    ...(duration && {
      part: {
        ...duration,
        key,
        spanId,
        retransmission: readCount(attribute(semconv.ATTR_HOPSPAN_BUDGET_RETRANSMISSION)) ?? 0,
      },
    }),
  };
}

/** A client's time away, or a server's whole time; a local or forwarding node has no part in a wire round trip. */
function readDuration(
  attribute: SpanFacts['attribute'],
): Pick<RoundTripPart, 'role' | 'durationNs'> | undefined {
  const role = attribute(semconv.ATTR_HOPSPAN_BUDGET_ROLE);
  if (role === 'client') {
    const awayNs = readCount(attribute(semconv.ATTR_HOPSPAN_BUDGET_AWAY));
    return awayNs === undefined ? undefined : { role, durationNs: awayNs };
  }
  if (role !== 'server') return undefined;
  const requestNs = readCount(attribute(semconv.ATTR_HOPSPAN_BUDGET_REQUEST));
  const podNs = readCount(attribute(semconv.ATTR_HOPSPAN_BUDGET_POD));
  const responseNs = readCount(attribute(semconv.ATTR_HOPSPAN_BUDGET_RESPONSE));
  if (requestNs === undefined || podNs === undefined || responseNs === undefined) return undefined;
  return { role, durationNs: requestNs + podNs + responseNs };
}

function readCount(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
