// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { KeyValue, Span, TraceRequest } from '../../src/otlp.ts';

export const traceId = Buffer.from('4bf92f3577b34da6a3ce929d0e0e4736', 'hex');
export const parentSpanId = Buffer.from('00f067aa0ba902b7', 'hex');

type Value = string | number;

function keyValues(attributes: Readonly<Record<string, Value>>): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

/** A span of any kind. */
export function makeSpan(attributes: Readonly<Record<string, Value>> = {}, overrides: object = {}): Span {
  return {
    traceId,
    spanId: randomBytes(8),
    parentSpanId,
    endTimeUnixNano: '1700000005123456789',
    attributes: keyValues(attributes),
    flags: 0x301,
    ...overrides,
  };
}

/** A response's span on the client's node: away for `awayNs`. */
export function clientSpan(awayNs: number, position = 100, more: Readonly<Record<string, Value>> = {}): Span {
  return makeSpan({
    'hopspan.kind': 'response',
    'hopspan.request.position': position,
    'hopspan.budget.role': 'client',
    'hopspan.budget.request': 12_000,
    'hopspan.budget.away': awayNs,
    'hopspan.budget.response': 9000,
    ...more,
  });
}

/** A response's span on the server's node: there for `podNs` + 30. */
export function serverSpan(podNs: number, position = 100): Span {
  return makeSpan({
    'hopspan.kind': 'response',
    'hopspan.request.position': position,
    'hopspan.budget.role': 'server',
    'hopspan.budget.request': 10,
    'hopspan.budget.pod': podNs,
    'hopspan.budget.response': 20,
  });
}

/** Spans of one resource and one scope. */
export function makeRequest(
  spans: readonly Span[],
  node = 'node1',
  scope = '@hopspan/exporter',
): TraceRequest {
  const resource = { attributes: keyValues({ 'k8s.node.name': node }) };
  return {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope }, spans }] }],
  };
}

export function spansOf(request: TraceRequest | undefined): Span[] {
  return (request?.resourceSpans ?? []).flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans),
  );
}

export function roundTripOf({ attributes = [] }: Span): string | undefined {
  return attributes.find(({ key }) => key === 'hopspan.wire.round_trip')?.value?.intValue;
}
