// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HopDurationHistogram } from '../src/hop-duration-histogram.ts';
import { formatOpenMetricsFamily, joinOpenMetrics } from '../src/open-metrics.ts';
import { makeHop, PARENT_ID, TRACE_ID } from './make-hop.ts';

const labels =
  'hopspan_direction="transmit",hopspan_kind="request",hopspan_from_role="vport",hopspan_to_role="nic"';
const name = 'hopspan_hop_duration_seconds';
const exemplar = `# {trace_id="${TRACE_ID}",span_id="${PARENT_ID}"}`;

describe('toOpenMetrics', () => {
  it('writes a histogram family with cumulative buckets and exemplars', () => {
    const histogram = new HopDurationHistogram({ boundaries: [1e-6, 1e-5, 0.0005, 1] });
    histogram.onHops([makeHop({ durationNs: 500 }), makeHop(), makeHop({ durationNs: 3_000_000_000 })]);
    assert.equal(
      histogram.toOpenMetrics(),
      [
        `# TYPE ${name} histogram`,
        `# UNIT ${name} seconds`,
        `# HELP ${name} Time a message took between two successive tracing points of a node.`,
        `${name}_bucket{${labels},le="1e-06"} 1 ${exemplar} 5e-07 1700000005.000`,
        `${name}_bucket{${labels},le="1e-05"} 1`,
        `${name}_bucket{${labels},le="0.0005"} 2 ${exemplar} 1.2345e-05 1700000005.000`,
        `${name}_bucket{${labels},le="1.0"} 2`,
        `${name}_bucket{${labels},le="+Inf"} 3 ${exemplar} 3.0 1700000008.000`,
        `${name}_count{${labels}} 3`,
        `${name}_sum{${labels}} 3.000012845`,
        '',
      ].join('\n'),
    );
  });

  it('keeps the label set of an exemplar within the 128 characters OpenMetrics allows', () => {
    const text = [...exemplar.matchAll(/(\w+)="(\w+)"/g)].map(([, key, value]) => `${key}${value}`).join('');
    assert.ok(text.length <= 128, `${text.length}`);
  });

  it('is empty before anything was recorded', () =>
    assert.equal(new HopDurationHistogram().toOpenMetrics(), ''));
});

describe('formatOpenMetricsFamily', () => {
  it('writes counters with the suffix they must have', () => {
    const samples = [{ value: 3, labels: { reason: 'queue full' } }, { value: 0.25 }];
    assert.equal(
      formatOpenMetricsFamily('counter', 'hopspan.dropped', 'Spans lost.', samples),
      '# TYPE hopspan_dropped counter\n# HELP hopspan_dropped Spans lost.\n' +
        'hopspan_dropped_total{reason="queue full"} 3.0\nhopspan_dropped_total 0.25\n',
    );
  });

  it('writes gauges as they are and escapes what must be', () => {
    const samples = [{ value: 12, labels: { path: 'a"b\\c\nd' } }];
    assert.equal(
      formatOpenMetricsFamily('gauge', 'hopspan.queued', 'Line one\nline two', samples),
      '# TYPE hopspan_queued gauge\n# HELP hopspan_queued Line one\\nline two\nhopspan_queued{path="a\\"b\\\\c\\nd"} 12.0\n',
    );
  });
});

describe('joinOpenMetrics', () => {
  it('ends with the end mark', () => {
    assert.equal(
      joinOpenMetrics(['# TYPE a gauge\na 1.0\n', '', '# TYPE b gauge\nb 1.0\n']),
      '# TYPE a gauge\na 1.0\n# TYPE b gauge\nb 1.0\n# EOF\n',
    );
    assert.equal(joinOpenMetrics([]), '# EOF\n');
  });
});
