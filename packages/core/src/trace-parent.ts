// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from './errors.ts';

/** Bit 0 of the trace flags: the caller recorded this trace (W3C Trace Context level 1, 3.2.2.5). */
export const TRACE_FLAG_SAMPLED = 0x01;
/** Bit 1 of the trace flags: the right 7 bytes of the trace id are random (level 2, 3.2.2.5.2). */
export const TRACE_FLAG_RANDOM = 0x02;

/** A parsed `traceparent` value. */
export interface TraceParent {
  /** 0 … 254. */
  readonly version: number;
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  /** 0 … 255, as sent; bits that level 2 does not define are kept here. */
  readonly traceFlags: number;
}

/** Length of a version 00 value, and of the part every later version shares with it. */
const BASE_LENGTH = 55;
const BASE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const OWS = /^[ \t]+|[ \t]+$/g;

/** Whether the flags carry the sampled bit. */
export function isSampled(traceFlags: number): boolean {
  return (traceFlags & TRACE_FLAG_SAMPLED) !== 0;
}

/** 32 lower-case hex digits, not all zero. */
export function isValidTraceId(traceId: string): boolean {
  return TRACE_ID.test(traceId);
}

/** 16 lower-case hex digits, not all zero. */
export function isValidSpanId(spanId: string): boolean {
  return SPAN_ID.test(spanId);
}

/**
 * Reads one `traceparent` field value (W3C Trace Context level 2, 3.2 and 4.3). Blanks around it are not
 * part of a field value and are ignored. Version 00 must be exactly 55 characters; a later version may
 * go on after one more dash; ff, all-zero ids and upper-case hex are invalid.
 * @returns undefined when the value is invalid, which restarts the trace
 */
export function parseTraceParent(value: string): TraceParent | undefined {
  const text = value.replace(OWS, '');
  const match = BASE.exec(text);
  if (match === null) return undefined;
  const version = Number.parseInt(match[1] as string, 16);
  const traceId = match[2] as string;
  const spanId = match[3] as string;
  if (!lengthFits(text, version) || !isValidTraceId(traceId) || !isValidSpanId(spanId)) return undefined;
  return { version, traceId, spanId, traceFlags: Number.parseInt(match[4] as string, 16) };
}

function lengthFits(text: string, version: number): boolean {
  if (version === 0xff) return false;
  if (text.length === BASE_LENGTH) return true;
  return version !== 0 && text[BASE_LENGTH] === '-';
}

/**
 * Writes a version 00 `traceparent`. Flag bits that version 00 does not define are sent as zero, as
 * level 2 (3.2.2.5.3) asks of everybody who sends.
 * @throws HopspanError HOPSPAN_ERR_INVALID_TRACE_CONTEXT when an id is not a valid one
 */
export function formatTraceParent(context: Pick<TraceParent, 'traceId' | 'spanId' | 'traceFlags'>): string {
  if (!isValidTraceId(context.traceId)) throw invalid('trace id', context.traceId, 32);
  if (!isValidSpanId(context.spanId)) throw invalid('span id', context.spanId, 16);
  const flags = context.traceFlags & (TRACE_FLAG_SAMPLED | TRACE_FLAG_RANDOM);
  return `00-${context.traceId}-${context.spanId}-0${flags}`;
}

function invalid(what: string, got: string, digits: number): HopspanError {
  return new HopspanError(
    'HOPSPAN_ERR_INVALID_TRACE_CONTEXT',
    `formatTraceParent: ${what} is ${JSON.stringify(got)}; expected ${digits} lower-case hex digits, not all zero. ` +
      'Pass the ids of a context that parseTraceParent accepted.',
  );
}
