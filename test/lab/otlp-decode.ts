// SPDX-License-Identifier: Apache-2.0
import { decodeRequest, type WireAnyValue, type WireKeyValue, type WireSpan } from './otlp-service.ts';

/** Value of an attribute; an int64 that a number cannot hold stays a bigint. */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | Buffer
  | undefined
  | AttributeValue[]
  | { [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue>>;

export type SpanKind = 'UNSPECIFIED' | 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';

/** A span as a collector got it. */
export interface CollectedSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** undefined at the root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** `service.name` of the resource. */
  readonly service: string;
  /** Name of the instrumentation scope. */
  readonly scope: string;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly events: readonly { name: string; timeUnixNano: bigint; attributes: Attributes }[];
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly traceState: string;
  /** Bits 0-7: W3C flags; bit 8: whether the parent is known to be remote or not; bit 9: it is. */
  readonly flags: number;
}

const KINDS: readonly SpanKind[] = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/**
 * Spans of an ExportTraceServiceRequest.
 * @throws Error when the bytes are not one
 */
export function decodeSpans(bytes: Buffer): CollectedSpan[] {
  return (decodeRequest(bytes).resourceSpans ?? []).flatMap(({ resource, scopeSpans }) => {
    const attributes = toAttributes(resource?.attributes);
    return (scopeSpans ?? []).flatMap(({ scope, spans }) =>
      (spans ?? []).map((span) => toSpan(span, attributes, scope?.name ?? '')),
    );
  });
}

function toSpan(span: WireSpan, resource: Attributes, scope: string): CollectedSpan {
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId) || undefined,
    name: span.name ?? '',
    kind: KINDS[span.kind ?? 0] ?? 'UNSPECIFIED',
    service: String(resource['service.name'] ?? ''),
    scope,
    startTimeUnixNano: BigInt(span.startTimeUnixNano ?? 0),
    endTimeUnixNano: BigInt(span.endTimeUnixNano ?? 0),
    attributes: toAttributes(span.attributes),
    resource,
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      timeUnixNano: BigInt(event.timeUnixNano ?? 0),
      attributes: toAttributes(event.attributes),
    })),
    statusCode: span.status?.code ?? 0,
    statusMessage: span.status?.message ?? '',
    traceState: span.traceState ?? '',
    flags: span.flags ?? 0,
  };
}

function hex(bytes: Buffer | undefined): string {
  return bytes?.toString('hex') ?? '';
}

function toAttributes(entries: readonly WireKeyValue[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(entries.map(({ key, value }) => [key ?? '', toValue(value)]));
}

function toValue(value: WireAnyValue = {}): AttributeValue {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return toInteger(value.intValue);
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(toValue);
  if (value.kvlistValue !== undefined) return toAttributes(value.kvlistValue.values);
  return value.bytesValue;
}

function toInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
