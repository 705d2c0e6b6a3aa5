// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CONTEXT_HEADERS, contextFirst } from '../src/header-order.ts';

const names = (headers: readonly (readonly [string, string])[]) => headers.map(([name]) => name);

describe('contextFirst', () => {
  it('puts the context first, traceparent before tracestate before b3', () => {
    const headers = [
      ['host', 'a'],
      ['b3', '0'],
      ['cookie', 'c'],
      ['tracestate', 'x=1'],
      ['TraceParent', '00-…'],
    ] as const;
    assert.deepEqual(names(contextFirst(headers)), ['TraceParent', 'tracestate', 'b3', 'host', 'cookie']);
  });

  it('takes other names', () => {
    const headers = [
      ['traceparent', '00-…'],
      ['sw8', '1-…'],
    ] as const;
    assert.deepEqual(names(contextFirst(headers, ['sw8'])), ['sw8', 'traceparent']);
  });

  it('moves nothing when there is no context, and leaves the list it was given alone', () => {
    const headers = [
      ['b', '1'],
      ['a', '2'],
    ] as const;
    const result = contextFirst(headers);
    assert.deepEqual(result, headers);
    assert.notEqual(result, headers);
  });

  it('keeps every header, and the order of those of one name and of all others', () => {
    const name = fc.constantFrom(
      'traceparent',
      'TRACESTATE',
      'tracestate',
      'b3',
      'cookie',
      'Set-Cookie',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (headers) => {
        const result = contextFirst(headers);
        const isContext = ([header]: readonly [string, string]) =>
          CONTEXT_HEADERS.includes(header.toLowerCase());
        const others = headers.filter((header) => !isContext(header));
        assert.deepEqual(result.slice(result.length - others.length), others);
        for (const wanted of CONTEXT_HEADERS) {
          const ofName = (list: [string, string][]) =>
            list.filter(([header]) => header.toLowerCase() === wanted);
          assert.deepEqual(ofName(result), ofName(headers));
        }
      }),
    );
  });
});
