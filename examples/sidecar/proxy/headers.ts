// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { CONTEXT_HEADERS, contextFirst, formatTraceParent, parseTraceParent } from '@hopspan/core';

/** What the proxy does with the context of a request. */
export interface ContextHandling {
  /** Give a request that has no valid traceparent a new, sampled one. */
  readonly attach: boolean;
  /** Take the context out, so that the application behind the proxy does not see it. */
  readonly detach: boolean;
}

type Header = readonly [name: string, value: string];

/** Headers that end at the next hop (RFC 9110 §7.6.1), but for those that frame the body: Node reads them. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade']);

/** The headers to send on for those that came in; both raw: name, value, name, value, … */
export function forwardHeaders(raw: readonly string[], { attach, detach }: ContextHandling): string[] {
  const headers = withoutHopByHop(toPairs(raw));
  if (detach) return headers.filter(([name]) => !CONTEXT_HEADERS.includes(name.toLowerCase())).flat();
  if (attach && !hasContext(headers)) {
    const others = headers.filter(([name]) => !isContext(name));
    return [['traceparent', newTraceParent()], ...others].flat();
  }
  return contextFirst(headers).flat();
}

function toPairs(raw: readonly string[]): Header[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''] as const);
}

function withoutHopByHop(headers: readonly Header[]): Header[] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((one) => one.trim().toLowerCase()));
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  return headers.filter(([name]) => !dropped.has(name.toLowerCase()));
}

function isContext(name: string): boolean {
  return ['traceparent', 'tracestate'].includes(name.toLowerCase());
}

/** Exactly one, and valid: more than one is as none (W3C Trace Context, §3.2.1). */
function hasContext(headers: readonly Header[]): boolean {
  const values = headers.filter(([name]) => name.toLowerCase() === 'traceparent');
  return values.length === 1 && parseTraceParent(values[0]?.[1] ?? '') !== undefined;
}

function newTraceParent(): string {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return formatTraceParent({ traceId, spanId, traceFlags: 1 });
}
