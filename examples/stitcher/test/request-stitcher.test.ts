// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TraceRequest } from '../src/otlp.ts';
import { RequestStitcher } from '../src/request-stitcher.ts';
import { clientSpan, makeRequest, makeSpan, roundTripOf, serverSpan, spansOf } from './support/requests.ts';

function create(maxSpans?: number) {
  const released: { request: TraceRequest; spans: number }[] = [];
  const stitcher = new RequestStitcher({
    holdMillis: 100,
    maxRequests: 10,
    release: (request, spans) => void released.push({ request, spans }),
    ...(maxSpans && { maxSpans }),
  });
  return { stitcher, released };
}

describe('RequestStitcher', () => {
  it('lets a request without a client’s part through as it is', () => {
    const { stitcher } = create();
    for (const request of [makeRequest([makeSpan(), makeSpan()]), makeRequest([serverSpan(400)]), {}]) {
      assert.equal(stitcher.take(request, 0), request);
    }
    assert.equal(stitcher.counters().server_parts, 1);
  });

  it('takes clients’ parts out, and hands them on with the round trip under their resource and scope', () => {
    const { stitcher, released } = create();
    const [other, client, foreign] = [makeSpan(), clientSpan(1000), clientSpan(1000, 200)];
    const rest = stitcher.take(makeRequest([other, client, foreign]), 0);
    assert.deepEqual(rest, makeRequest([other]));
    assert.equal(stitcher.take(makeRequest([serverSpan(400)], 'node2'), 1) === undefined, false);
    assert.equal(stitcher.held, 2);
    stitcher.advance(99);
    assert.deepEqual(released, []);
    stitcher.advance(100);
    const stitched = {
      ...client,
      attributes: [
        ...(client.attributes ?? []),
        { key: 'hopspan.wire.round_trip', value: { intValue: '570' } },
      ],
    };
    assert.deepEqual(released, [{ request: makeRequest([stitched, foreign]), spans: 2 }]);
    const { stitched: made, unmatched, held } = stitcher.counters();
    assert.deepEqual([made, unmatched, held], [1, 1, 0]);
    assert.match(stitcher.toOpenMetrics(), /^hopspan_wire_round_trip_duration_seconds_sum 5.7e-07$/m);
    assert.match(stitcher.toOpenMetrics(), /trace_id="4bf92f3577b34da6a3ce929d0e0e4736"/);
  });

  it('leaves nothing to send on now when all is held', () => {
    const { stitcher } = create();
    assert.equal(stitcher.take(makeRequest([clientSpan(1000)]), 0), undefined);
  });

  it('keeps resources apart and groups what came together', () => {
    const { stitcher, released } = create();
    stitcher.take(makeRequest([clientSpan(1, 1), clientSpan(1, 2)], 'node1'), 0);
    stitcher.take(makeRequest([clientSpan(1, 3)], 'node2', 'another'), 0);
    stitcher.flush();
    const [{ request } = { request: {} as TraceRequest }] = released;
    assert.equal(released.length, 1);
    assert.deepEqual(
      request.resourceSpans?.map(({ scopeSpans = [] }) => scopeSpans.map(({ spans = [] }) => spans.length)),
      [[2], [1]],
    );
  });

  it('hands on in requests of bounded size', () => {
    const { stitcher, released } = create(2);
    stitcher.take(makeRequest([1, 2, 3].map((position) => clientSpan(1, position))), 0);
    stitcher.flush();
    assert.deepEqual(
      released.map(({ spans, request }) => [spans, spansOf(request).length]),
      [
        [2, 2],
        [1, 1],
      ],
    );
  });

  it('makes no round trip of what a retransmitted copy tells of', () => {
    const { stitcher, released } = create();
    stitcher.take(makeRequest([clientSpan(1000), serverSpan(400)]), 0);
    const copy = makeSpan({
      'hopspan.kind': 'response',
      'hopspan.request.position': 100,
      'hopspan.retransmission': 1,
    });
    const request = makeRequest([copy]);
    assert.equal(stitcher.take(request, 50), request);
    stitcher.flush();
    assert.equal(spansOf(released[0]?.request).map(roundTripOf)[0], undefined);
    assert.equal(stitcher.counters().retransmitted, 1);
  });
});
