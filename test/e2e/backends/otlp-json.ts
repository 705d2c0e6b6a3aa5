// SPDX-License-Identifier: Apache-2.0
import type { BackendSpan, BackendSpanKind } from './span.ts';

/** The parts of OTLP's JSON that are read. Ids are in hexadecimal or, from Tempo, in base64. */
export interface OtlpResourceSpans {
  resource?: { attributes?: OtlpKeyValue[] };
  scopeSpans?: { scope?: { name?: string }; spans?: OtlpSpan[] }[];
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name?: string;
  kind?: number | string;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: OtlpKeyValue[];
}

interface OtlpKeyValue {
  key: string;
  value?: OtlpValue;
}

interface OtlpValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  bytesValue?: string;
  arrayValue?: { values?: OtlpValue[] };
  kvlistValue?: { values?: OtlpKeyValue[] };
}

/** In the order of OTLP's numbers. */
const KINDS: readonly BackendSpanKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
/** Where Jaeger puts its own remarks about a span. */
const JAEGER_WARNINGS = '@jaeger@warnings';

/** @returns the spans, by start time */
export function decodeOtlpSpans(groups: readonly OtlpResourceSpans[]): BackendSpan[] {
  const spans = groups.flatMap(({ resource, scopeSpans = [] }) => {
    const decoded = decodeAttributes(resource?.attributes);
    return scopeSpans.flatMap((group) =>
      (group.spans ?? []).map((span) => decodeSpan(span, group.scope?.name ?? '', decoded)),
    );
  });
  return spans.sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
}

function decodeSpan(span: OtlpSpan, scope: string, resource: Record<string, unknown>): BackendSpan {
  const { [JAEGER_WARNINGS]: warnings, ...attributes } = decodeAttributes(span.attributes);
  const start = BigInt(span.startTimeUnixNano ?? 0);
  const end = BigInt(span.endTimeUnixNano ?? 0);
  return {
    traceId: decodeId(span.traceId),
    spanId: decodeId(span.spanId),
    parentSpanId: span.parentSpanId ? decodeId(span.parentSpanId) : undefined,
    name: span.name ?? '',
    kind: decodeKind(span.kind),
    service: String(resource['service.name'] ?? ''),
    scope,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    startUs: Number(start / 1000n),
    durationUs: Number(end - start) / 1000,
    attributes,
    resource,
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
}

function decodeKind(kind: number | string | undefined): BackendSpanKind {
  if (typeof kind !== 'string') return KINDS[kind ?? 0] ?? 'unspecified';
  const name = kind.replace('SPAN_KIND_', '').toLowerCase();
  return KINDS.find((known) => known === name) ?? 'unspecified';
}

/** The two spellings cannot be mistaken: in base64 the ids have 12 and 24 characters. */
function decodeId(id: string): string {
  return /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i.test(id)
    ? id.toLowerCase()
    : Buffer.from(id, 'base64').toString('hex');
}

function decodeAttributes(attributes: readonly OtlpKeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, decodeValue(value)]));
}

function decodeValue(value: OtlpValue = {}): unknown {
  if (value.intValue !== undefined) return decodeInteger(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(decodeValue);
  if (value.kvlistValue !== undefined) return decodeAttributes(value.kvlistValue.values);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue;
}

function decodeInteger(value: string | number): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}
