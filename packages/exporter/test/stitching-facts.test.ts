// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Hop, type LatencyBudget, roundTripKey } from '@hopspan/core';
import { readStitchingFacts } from '../src/stitching-facts.ts';
import { hopToSpan } from '../src/transform.ts';
import { makeHop, PARENT_ID, TRACE_ID } from './make-hop.ts';

const budget: LatencyBudget = {
  role: 'client',
  requestPosition: 100,
  requestNs: 12,
  betweenNs: 3988,
  responseNs: 9,
  retransmission: 0,
};
const response = (overrides: Partial<Hop> = {}) =>
  makeHop({ kind: 'response', statusCode: 200, streamPosition: 7000, requestPosition: 100, ...overrides });
const key = roundTripKey(TRACE_ID, PARENT_ID, 100);

/** By way of a span, as a collector gets it: integers may be a bigint there. */
function factsOf(hop: Hop, convert: (value: unknown) => unknown = (value) => value) {
  const span = hopToSpan(hop, { attributes: {} });
  const { spanId, traceId } = span.spanContext();
  const parentSpanId = span.parentSpanContext.spanId;
  const attribute = (name: string) => convert(span.attributes[name]);
  return { spanId, facts: readStitchingFacts({ traceId, spanId, parentSpanId, attribute }) };
}

describe('readStitchingFacts', () => {
  it("finds a client's time away", () => {
    const { facts, spanId } = factsOf(response({ budget }));
    assert.deepEqual(facts, {
      part: { role: 'client', key, spanId, durationNs: 3988, retransmission: 0 },
    });
  });

  it("finds a server's whole time, in integers of either kind", () => {
    const hop = response({ budget: { ...budget, role: 'server', retransmission: 2 } });
    for (const convert of [undefined, (v: unknown) => (typeof v === 'number' ? BigInt(v) : v)]) {
      const { facts, spanId } = factsOf(hop, convert);
      assert.deepEqual(facts, {
        part: { role: 'server', key, spanId, durationNs: 4009, retransmission: 2 },
      });
    }
  });

  it('finds the same key on a request that carries the budget', () => {
    assert.equal(factsOf(makeHop({ streamPosition: 100, budget })).facts.part?.key, key);
  });

  it('knows a copy by the request that it belongs to', () => {
    assert.deepEqual(factsOf(response({ retransmission: 1 })).facts, { copyOf: key });
    assert.deepEqual(factsOf(makeHop({ streamPosition: 100, retransmission: 3 })).facts, { copyOf: key });
    assert.equal(factsOf(response({ retransmission: 1, budget })).facts.copyOf, key);
  });

  it('finds nothing on other spans', () => {
    assert.deepEqual(factsOf(makeHop()).facts, {});
    assert.deepEqual(factsOf(response({ requestPosition: undefined })).facts, {});
    for (const role of ['local', 'forward'] as const) {
      assert.deepEqual(factsOf(response({ budget: { ...budget, role } })).facts, {});
    }
    const attribute = () => 'client';
    assert.deepEqual(readStitchingFacts({ traceId: 'a', spanId: 'b', parentSpanId: 'c', attribute }), {});
  });

  it('believes no attribute that is missing or of another kind', () => {
    const whole: Record<string, unknown> = {
      'hopspan.kind': 'response',
      'hopspan.request.position': 100,
      'hopspan.budget.role': 'server',
      'hopspan.budget.request': 1,
      'hopspan.budget.pod': 2,
      'hopspan.budget.response': 3,
    };
    const read = (attributes: Record<string, unknown>, parentSpanId: string | undefined = PARENT_ID) =>
      readStitchingFacts({ traceId: TRACE_ID, spanId: 'b', parentSpanId, attribute: (n) => attributes[n] });
    assert.equal(read(whole).part?.durationNs, 6);
    for (const name of Object.keys(whole)) {
      for (const value of [undefined, 'x', -1, 1.5, 2 ** 60]) {
        assert.deepEqual(read({ ...whole, [name]: value }), {}, `${name}: ${value}`);
      }
    }
    assert.deepEqual(read(whole, ''), {});
    assert.deepEqual(read({ ...whole, 'hopspan.budget.role': 'client' }), {});
  });
});
