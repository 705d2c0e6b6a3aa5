// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTraceParent as otelParse } from '@opentelemetry/core';
import fc from 'fast-check';
import {
  formatTraceParent,
  isSampled,
  isValidSpanId,
  isValidTraceId,
  parseTraceParent,
} from '../src/trace-parent.ts';
import { SPAN_ID, TRACE_ID, traceParentVectors } from './trace-parent-vectors.ts';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((d) => d.join(''));
const parts = fc.record({ version: hex(2), traceId: hex(32), spanId: hex(16), flags: hex(2) });
const join = (p: { version: string; traceId: string; spanId: string; flags: string }) =>
  `${p.version}-${p.traceId}-${p.spanId}-${p.flags}`;

const idsOf = (value: string) => {
  const parsed = parseTraceParent(value);
  return parsed && { traceId: parsed.traceId, spanId: parsed.spanId, traceFlags: parsed.traceFlags };
};

describe('parseTraceParent', () => {
  for (const { why, value, flags, version } of traceParentVectors) {
    it(`${flags === undefined ? 'refuses' : 'takes'} ${why}`, () => {
      const parsed = parseTraceParent(value);
      if (flags === undefined) assert.equal(parsed, undefined);
      else if (value.includes(TRACE_ID)) {
        assert.deepEqual(parsed, { version, traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: flags });
      } else assert.equal(parsed?.traceFlags, flags);
    });
  }

  it('has at least 60 vectors, each with its own value', () => {
    assert.ok(traceParentVectors.length >= 60);
    assert.equal(new Set(traceParentVectors.map((v) => v.value)).size, traceParentVectors.length);
  });

  it('agrees with the parser of @opentelemetry/core on well-formed values', () => {
    fc.assert(
      fc.property(parts, fc.constantFrom('', '-', '-more'), (p, tail) => {
        // The other parser takes "00-…-01-" apart differently: it sees a fifth part only when it is not empty.
        fc.pre(!(p.version === '00' && tail === '-'));
        assert.deepEqual(idsOf(join(p) + tail), otelParse(join(p) + tail) ?? undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with the parser of @opentelemetry/core on values with one character changed', () => {
    const change = fc.tuple(parts, fc.nat(54), fc.constantFrom(...'0fFgG-. _é'));
    fc.assert(
      fc.property(change, ([p, at, char]) => {
        const value = join(p);
        const changed = value.slice(0, at) + char + value.slice(at + 1);
        fc.pre(changed.trim() === changed);
        assert.deepEqual(idsOf(changed), otelParse(changed) ?? undefined);
      }),
      { numRuns: 5000 },
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => void parseTraceParent(text)),
    );
  });
});

describe('formatTraceParent', () => {
  it('writes what parseTraceParent reads back', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 3 }), ({ traceId, spanId }, traceFlags) => {
        fc.pre(isValidTraceId(traceId) && isValidSpanId(spanId));
        const context = { traceId, spanId, traceFlags };
        assert.deepEqual(parseTraceParent(formatTraceParent(context)), { version: 0, ...context });
      }),
    );
  });

  it('sends undefined flag bits as zero', () => {
    const value = formatTraceParent({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 0xff });
    assert.equal(value, `00-${TRACE_ID}-${SPAN_ID}-03`);
  });

  it('refuses an id that nobody may send', () => {
    const code = 'HOPSPAN_ERR_INVALID_TRACE_CONTEXT';
    const zero = { traceId: '0'.repeat(32), spanId: SPAN_ID, traceFlags: 1 };
    assert.throws(() => formatTraceParent(zero), { code, message: /trace id is "0{32}"/ });
    const upper = { traceId: TRACE_ID, spanId: 'ABCDEF0123456789', traceFlags: 1 };
    assert.throws(() => formatTraceParent(upper), { code, message: /span id is "ABCDEF0123456789"/ });
  });
});

describe('isSampled', () => {
  it('looks at bit 0 alone', () => {
    assert.deepEqual([0, 1, 2, 3, 0xfe, 0xff].map(isSampled), [false, true, false, true, false, true]);
  });
});
