// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Attributes,
  type Context,
  createNoopMeter,
  type Histogram,
  type MetricOptions,
  trace,
} from '@opentelemetry/api';
import { HopDurationHistogram } from '../src/hop-duration-histogram.ts';
import { makeHop, nicSighting, PARENT_ID, TRACE_ID, vportSighting } from './make-hop.ts';

const resource = { attributes: { 'service.name': 'test', nodes: 2, on: true, ratio: 0.5, list: ['a', 'b'] } };

interface DataPoint {
  count: string;
  sum: number;
  bucketCounts: string[];
  explicitBounds: number[];
  exemplars: { traceId: string; spanId: string; asDouble: number; timeUnixNano: string }[];
  attributes: { key: string; value: { stringValue: string } }[];
}
// biome-ignore lint/suspicious/noExplicitAny: the request is plain JSON
const metricOf = (histogram: HopDurationHistogram): any =>
  JSON.parse(JSON.stringify(histogram.toOtlpJson(resource))).resourceMetrics[0].scopeMetrics[0].metrics[0];
const pointsOf = (histogram: HopDurationHistogram): DataPoint[] => metricOf(histogram).histogram.dataPoints;

describe('HopDurationHistogram', () => {
  it('puts a duration into the bucket whose bound it does not exceed', () => {
    const histogram = new HopDurationHistogram({ boundaries: [1e-6, 1e-5] });
    histogram.onHops([1, 1000, 1001, 10_000, 10_001].map((durationNs) => makeHop({ durationNs })));
    assert.deepEqual(pointsOf(histogram)[0]?.bucketCounts, ['2', '2', '1']);
    assert.equal(pointsOf(histogram)[0]?.count, '5');
    assert.equal(pointsOf(histogram)[0]?.sum, 22_003 / 1e9);
    assert.deepEqual(histogram.counters(), { recorded: 5 });
  });

  it('has bounds from a microsecond to a second by default', () => {
    const histogram = new HopDurationHistogram();
    histogram.onHops([makeHop()]);
    const bounds = pointsOf(histogram)[0]?.explicitBounds ?? [];
    assert.deepEqual([bounds[0], bounds.at(-1), bounds.length], [1e-6, 1, 19]);
  });

  it('keeps a series per direction, kind and roles, and no other label', () => {
    const histogram = new HopDurationHistogram();
    histogram.onHops([
      makeHop(),
      makeHop({ streamPosition: 1 }),
      makeHop({ direction: 'receive', from: nicSighting, to: vportSighting }),
      makeHop({ kind: 'response' }),
      makeHop({ to: { ...nicSighting, point: { ...nicSighting.point, role: 'tunnel' } } }),
    ]);
    const series = pointsOf(histogram).map(
      (p) => `${p.count}: ${p.attributes.map((a) => a.value.stringValue).join(' ')}`,
    );
    assert.deepEqual(series, [
      '2: transmit request vport nic',
      '1: receive request nic vport',
      '1: transmit response vport nic',
      '1: transmit request vport tunnel',
    ]);
    const names = pointsOf(histogram)[0]?.attributes.map((a) => a.key);
    assert.deepEqual(names, ['hopspan.direction', 'hopspan.kind', 'hopspan.from.role', 'hopspan.to.role']);
  });

  it('keeps the latest hop of each bucket as its exemplar', () => {
    const histogram = new HopDurationHistogram({ boundaries: [1e-5] });
    const other = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 };
    histogram.onHops([makeHop({ durationNs: 10 }), makeHop({ durationNs: 20, context: other }), makeHop()]);
    assert.deepEqual(pointsOf(histogram)[0]?.exemplars, [
      { traceId: other.traceId, spanId: other.spanId, asDouble: 2e-8, timeUnixNano: '1700000005000000020' },
      { traceId: TRACE_ID, spanId: PARENT_ID, asDouble: 0.000012345, timeUnixNano: '1700000005000012345' },
    ]);
  });

  it('makes an OTLP request with cumulative points and the resource given', () => {
    const histogram = new HopDurationHistogram();
    histogram.onHops([makeHop()]);
    const { resourceMetrics } = JSON.parse(JSON.stringify(histogram.toOtlpJson(resource)));
    assert.deepEqual(resourceMetrics[0].resource.attributes, [
      { key: 'service.name', value: { stringValue: 'test' } },
      { key: 'nodes', value: { intValue: '2' } },
      { key: 'on', value: { boolValue: true } },
      { key: 'ratio', value: { doubleValue: 0.5 } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
    ]);
    const metric = metricOf(histogram);
    assert.deepEqual(
      [metric.name, metric.unit, metric.histogram.aggregationTemporality],
      ['hopspan.hop.duration', 's', 2],
    );
    const [point] = metric.histogram.dataPoints;
    assert.ok(BigInt(point.startTimeUnixNano) <= BigInt(point.timeUnixNano));
    assert.deepEqual([point.min, point.max], [0.000012345, 0.000012345]);
  });

  it('records to a meter too, in seconds, under the span its exemplar names', () => {
    const created: [string, MetricOptions | undefined][] = [];
    const recorded: [number, Attributes | undefined, Context | undefined][] = [];
    const meter = Object.assign(createNoopMeter(), {
      createHistogram: (name: string, options?: MetricOptions): Histogram => {
        created.push([name, options]);
        return { record: (value, attributes, context) => void recorded.push([value, attributes, context]) };
      },
    });
    const histogram = new HopDurationHistogram({ meter, boundaries: [0.1] });
    histogram.onHops([makeHop()]);
    assert.equal(created[0]?.[0], 'hopspan.hop.duration');
    assert.deepEqual(
      [created[0]?.[1]?.unit, created[0]?.[1]?.advice],
      ['s', { explicitBucketBoundaries: [0.1] }],
    );
    const [value, attributes, context] = recorded[0] ?? [];
    assert.equal(value, 0.000012345);
    assert.equal(attributes?.['hopspan.direction'], 'transmit');
    assert.equal(context && trace.getSpanContext(context)?.spanId, PARENT_ID);
  });

  it('refuses boundaries that do not rise from above zero', () => {
    for (const boundaries of [
      [],
      [0],
      [2, 1],
      [1, 1],
      [-1, 1],
      [Number.NaN],
      [1, Number.POSITIVE_INFINITY],
    ]) {
      const make = () => new HopDurationHistogram({ boundaries });
      assert.throws(make, { code: 'HOPSPAN_ERR_INVALID_OPTION', message: /boundaries/ });
    }
  });
});
