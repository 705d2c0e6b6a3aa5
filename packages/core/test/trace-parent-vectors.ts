// SPDX-License-Identifier: Apache-2.0

/** What a parser must make of one `traceparent` field value; the cases follow W3C Trace Context level 2. */
export interface TraceParentVector {
  readonly why: string;
  readonly value: string;
  /** Expected flags of a valid value, undefined for an invalid one. */
  readonly flags: number | undefined;
  readonly version?: number;
}

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const SPAN_ID = '00f067aa0ba902b7';
const base = `${TRACE_ID}-${SPAN_ID}`;

const valid = (why: string, value: string, flags: number, version = 0): TraceParentVector => ({
  why,
  value,
  flags,
  version,
});
const invalid = (why: string, value: string): TraceParentVector => ({ why, value, flags: undefined });

export const traceParentVectors: readonly TraceParentVector[] = [
  valid('sampled', `00-${base}-01`, 1),
  valid('not sampled', `00-${base}-00`, 0),
  valid('random bit', `00-${base}-02`, 2),
  valid('sampled and random', `00-${base}-03`, 3),
  valid('undefined flag bits in version 00', `00-${base}-ff`, 255),
  valid('one undefined flag bit', `00-${base}-08`, 8),
  valid('space before', ` 00-${base}-01`, 1),
  valid('tab before', `\t00-${base}-01`, 1),
  valid('space after', `00-${base}-01 `, 1),
  valid('tab after', `00-${base}-01\t`, 1),
  valid('blanks around', ` \t 00-${base}-01\t \t`, 1),
  valid('later version, same length', `01-${base}-01`, 1, 1),
  valid('highest version', `fe-${base}-01`, 1, 254),
  valid('later version that goes on', `cc-${base}-01-what-the-future-will-be-like`, 1, 204),
  valid('later version that ends in a dash', `cc-${base}-01-`, 1, 204),
  valid('later version, anything after the dash', `cc-${base}-01-~{}ÄÖ`, 1, 204),
  valid('ids with one digit set', '00-00000000000000000000000000000001-0000000000000001-01', 1),
  valid('ids of all f', `00-${'f'.repeat(32)}-${'f'.repeat(16)}-01`, 1),
  invalid('empty', ''),
  invalid('only blanks', ' \t '),
  invalid('only dashes', '---'),
  invalid('version ff', `ff-${base}-01`),
  invalid('version ff that goes on', `ff-${base}-01-x`),
  invalid('version 00 that goes on', `00-${base}-01-what-the-future-will-be-like`),
  invalid('version 00 that ends in a dash', `00-${base}-01-`),
  invalid('version 00, one character more', `00-${base}-01.`),
  invalid('later version that goes on without a dash', `cc-${base}-01.what`),
  invalid('later version, long flags', `cc-${base}-011`),
  invalid('no version', `${base}-01`),
  invalid('version of one digit', `0-${base}-01`),
  invalid('version of three digits', `000-${base}-01`),
  invalid('version with an illegal character', `.0-${base}-01`),
  invalid('version with an illegal second character', `0.-${base}-01`),
  invalid('upper-case version', `CC-${base}-01`),
  invalid('all-zero trace id', `00-${'0'.repeat(32)}-${SPAN_ID}-01`),
  invalid('all-zero span id', `00-${TRACE_ID}-${'0'.repeat(16)}-01`),
  invalid('all-zero trace id in a later version', `cc-${'0'.repeat(32)}-${SPAN_ID}-01`),
  invalid('trace id too short', `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`),
  invalid('trace id too long', `00-${TRACE_ID}0-${SPAN_ID}-01`),
  invalid('span id too short', `00-${TRACE_ID}-${SPAN_ID.slice(1)}-01`),
  invalid('span id too long', `00-${TRACE_ID}-${SPAN_ID}0-01`),
  invalid('upper-case trace id', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`),
  invalid('upper-case span id', `00-${TRACE_ID}-${SPAN_ID.toUpperCase()}-01`),
  invalid('upper-case flags', `00-${base}-0A`),
  invalid('illegal first character of the trace id', `00-.${TRACE_ID.slice(1)}-${SPAN_ID}-01`),
  invalid('illegal last character of the trace id', `00-${TRACE_ID.slice(1)}.-${SPAN_ID}-01`),
  invalid('illegal first character of the span id', `00-${TRACE_ID}-.${SPAN_ID.slice(1)}-01`),
  invalid('illegal last character of the span id', `00-${TRACE_ID}-${SPAN_ID.slice(1)}.-01`),
  invalid('hex digit g', `00-g${TRACE_ID.slice(1)}-${SPAN_ID}-01`),
  invalid('illegal first character of the flags', `00-${base}-.0`),
  invalid('illegal last character of the flags', `00-${base}-0.`),
  invalid('flags of one digit', `00-${base}-1`),
  invalid('flags of three digits', `00-${base}-001`),
  invalid('no flags', `00-${base}`),
  invalid('no flags but the dash', `00-${base}-`),
  invalid('no span id', `00-${TRACE_ID}-01`),
  invalid('only the version', '00-'),
  invalid('blank inside', `00-${TRACE_ID} -${SPAN_ID}-01`),
  invalid('blank between version and dash', `00 -${base}-01`),
  invalid('underscore for dash', `00_${TRACE_ID}_${SPAN_ID}_01`),
  invalid('two values joined by a comma', `00-${base}-01,00-${base}-01`),
  invalid('a line break after', `00-${base}-01\r\n`),
  invalid('a line break before', `\n00-${base}-01`),
  invalid('a null character after', `00-${base}-01\0`),
  invalid('the header name before', `traceparent: 00-${base}-01`),
  invalid('full-width digits', `００-${base}-01`),
];
