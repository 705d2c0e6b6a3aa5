// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WireRoundTripHistogram } from '../src/wire-round-trip-histogram.ts';
import { PARENT_ID, TRACE_ID } from './make-hop.ts';

const context = { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 1 };
const unixNano = 1_700_000_005_123_456_789n;

describe('WireRoundTripHistogram', () => {
  it('is one series in seconds, with exemplars dated by the end of the span', () => {
    const histogram = new WireRoundTripHistogram({ boundaries: [1e-5, 0.1] });
    histogram.record({ durationNs: 50_000_000, unixNano, context });
    histogram.record({ durationNs: 10_000, unixNano, context });
    const name = 'hopspan_wire_round_trip_duration_seconds';
    const exemplar = `# {trace_id="${TRACE_ID}",span_id="${PARENT_ID}"}`;
    assert.equal(
      histogram.toOpenMetrics(),
      [
        `# TYPE ${name} histogram`,
        `# UNIT ${name} seconds`,
        `# HELP ${name} Time a request and its response spent between the NICs of two nodes, there and back together.`,
        `${name}_bucket{le="1e-05"} 1 ${exemplar} 1e-05 1700000005.123`,
        `${name}_bucket{le="0.1"} 2 ${exemplar} 0.05 1700000005.123`,
        `${name}_bucket{le="+Inf"} 2`,
        `${name}_count 2`,
        `${name}_sum 0.05001`,
        '',
      ].join('\n'),
    );
    assert.deepEqual(histogram.counters(), { recorded: 2 });
    const json = JSON.stringify(histogram.toOtlpJson({ attributes: {} }));
    assert.ok(json.includes('"hopspan.wire.round_trip.duration"') && json.includes(`"${unixNano}"`), json);
  });

  it('is empty before anything was recorded', () => {
    assert.equal(new WireRoundTripHistogram().toOpenMetrics(), '');
  });

  it('refuses boundaries that do not rise', () => {
    assert.throws(() => new WireRoundTripHistogram({ boundaries: [] }), {
      code: 'HOPSPAN_ERR_INVALID_OPTION',
      message: /WireRoundTripHistogram/,
    });
  });
});
