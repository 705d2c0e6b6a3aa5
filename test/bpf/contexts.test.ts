// SPDX-License-Identifier: Apache-2.0
// Contexts besides traceparent in the kernel. What a request carries is written by OpenTelemetry's own propagators, and
// what the hop's context has to be is what they read from it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContextFormat, HopProbeOptions } from '@hopspan/bpf-probe';
import type { Hop } from '@hopspan/core';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import { KernelProbe } from './kernel-probe.ts';
import { request, tcpFrame } from './packet.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';
const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const first = { sightings: 1, first: 1 };

const propagators: readonly [ContextFormat, TextMapPropagator][] = [
  ['b3', new B3Propagator()],
  ['x-b3', new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })],
  ['uber-trace-id', new JaegerPropagator()],
  ['x-amzn-trace-id', new AWSXRayPropagator()],
];

function inject(propagator: TextMapPropagator, span: SpanContext): Record<string, string> {
  const headers: Record<string, string> = {};
  propagator.inject(trace.setSpanContext(ROOT_CONTEXT, span), headers, defaultTextMapSetter);
  return headers;
}

function extract(propagator: TextMapPropagator, headers: Record<string, string>): SpanContext | undefined {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, lower, defaultTextMapGetter));
}

function frame(headers: Record<string, string>): Buffer {
  return tcpFrame(request(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)));
}

/** The hop of a request that passes both points. */
function hopOf(options: Partial<HopProbeOptions>, headers: Record<string, string>): Hop | undefined {
  using probe = new KernelProbe(options);
  assert.deepEqual(probe.show(frame(headers), 'ingress'), first, JSON.stringify(headers));
  probe.show(frame(headers), 'egress');
  return probe.takeHops()[0];
}

describe('a context that OpenTelemetry writes', { skip }, () => {
  for (const [format, propagator] of propagators) {
    it(`is found in ${format} and read as OpenTelemetry does`, () => {
      const headers = inject(propagator, { ...ids, traceFlags: 1 });
      const hop = hopOf({ contexts: [format] }, headers);
      const { traceId, spanId, traceFlags } = extract(propagator, headers) ?? {};
      assert.deepEqual(hop?.context, { traceId, spanId, traceFlags });
      assert.deepEqual(hop.context, { ...ids, traceFlags: 1 });
    });

    it(`is not followed where ${format} says that it is not sampled`, () => {
      using probe = new KernelProbe({ contexts: [format] });
      const headers = inject(propagator, { ...ids, traceFlags: 0 });
      assert.deepEqual(probe.show(frame(headers)), { unsampled: 1 });
    });

    it(`is not looked for in ${format} by default`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(frame(inject(propagator, { ...ids, traceFlags: 1 }))), { no_context: 1 });
    });
  }

  it('is padded where it is short, as OpenTelemetry does', () => {
    const [, b3] = propagators[0] as [string, TextMapPropagator];
    const [, jaeger] = propagators[2] as [string, TextMapPropagator];
    const cases: [ContextFormat, TextMapPropagator, Record<string, string>][] = [
      ['b3', b3, { b3: '8448eb211c80319c-b7ad6b7169203331-d' }],
      ['uber-trace-id', jaeger, { 'uber-trace-id': 'abc:def:0:1' }],
      ['uber-trace-id', jaeger, { 'uber-trace-id': 'abc%3Adef%3A0%3A3' }],
    ];
    for (const [format, propagator, headers] of cases) {
      const { traceId, spanId, traceFlags } = extract(propagator, headers) ?? {};
      assert.deepEqual(hopOf({ contexts: [format] }, headers)?.context, { traceId, spanId, traceFlags });
    }
  });
});

describe('the order of contexts', { skip }, () => {
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  const b3 = `${ids.traceId}-${ids.spanId}-1`;

  it('decides, not that of the headers', () => {
    const headers = { traceparent, b3 };
    assert.equal(hopOf({ contexts: ['b3', 'traceparent'] }, headers)?.context.traceId, ids.traceId);
    assert.equal(hopOf({ contexts: ['traceparent', 'b3'] }, headers)?.context.traceId, '1'.repeat(32));
  });

  it('goes on behind a context that is of no use, which is counted', () => {
    using probe = new KernelProbe({ contexts: ['b3', 'traceparent'] });
    assert.deepEqual(probe.show(frame({ b3: 'junk', traceparent })), { ...first, passed_over: 1 });
    assert.deepEqual(probe.show(frame({ b3: 'junk' })), { invalid_context: 1 });
    assert.deepEqual(probe.show(frame({ b3: '0', traceparent })), { unsampled: 1 });
    assert.deepEqual(probe.show(frame({ b3: b3.slice(0, -2) })), { deferred: 1 });
  });

  it('is the same for every format there is', () => {
    using probe = new KernelProbe({
      contexts: ['sw8', 'x-amzn-trace-id', 'uber-trace-id', 'x-b3', 'b3', 'traceparent'],
    });
    const uuid = Buffer.from('de5980b8-fce3-4a37-aab9-b4ac3af7eedd').toString('base64');
    const sw8 = `1-${uuid}-${uuid}-3-YQ==-YQ==-YQ==-YQ==`;
    assert.deepEqual(probe.show(frame({ sw8, traceparent })), { ...first, passed_over: 1 });
    assert.deepEqual(probe.show(frame({ sw8 })), { unmapped_context: 1 });
  });
});

describe('the span of an sw8', { skip }, () => {
  const id = Buffer.from(ids.traceId).toString('base64');
  const valid = first;
  const invalid = { invalid_context: 1 };
  const spans: [span: string, raised: Record<string, number>][] = [
    ['0', valid],
    ['2147483647', valid],
    ['2147483648', invalid],
    ['4294967299', invalid],
    ['9999999999', invalid],
    ['3x', invalid],
    ['', invalid],
  ];
  for (const [span, raised] of spans) {
    it(`'${span}' is ${raised === valid ? 'a number of 31 bits' : 'none'}`, () => {
      using probe = new KernelProbe({ contexts: ['sw8'] });
      const sw8 = `1-${id}-${id}-${span}-YQ==-YQ==-YQ==-YQ==`;
      assert.deepEqual(probe.show(frame({ sw8 })), raised);
    });
  }
});

describe('a header in several segments', { skip }, () => {
  const b3 = `${ids.traceId}-${ids.spanId}-1`;
  const text = `GET / HTTP/1.1\r\nhost: a\r\ntracestate: x=1\r\nb3: ${b3}\r\naccept: */*\r\n\r\n`;

  it('gives the same context and position as a whole one, cut at any byte', () => {
    using probe = new KernelProbe({ contexts: ['traceparent', 'b3'], traceState: true });
    for (let cut = 1; cut < text.length; cut++) {
      const sequence = cut * 10_000;
      const ports = { sourcePort: 10_000 + cut, sequence };
      probe.show(tcpFrame(text.slice(0, cut), ports), 'ingress');
      probe.show(tcpFrame(text.slice(cut), { ...ports, sequence: sequence + cut }), 'ingress');
      probe.show(tcpFrame(text, ports), 'egress');
      const [hop, more] = probe.takeHops();
      assert.equal(more, undefined, `${cut}`);
      assert.equal(hop?.streamPosition, sequence + text.indexOf(b3), `${cut}`);
      assert.deepEqual(hop.context, { ...ids, traceFlags: 1, traceState: 'x=1' }, `${cut}`);
    }
  });
});

describe('a tracestate', { skip }, () => {
  const traceparent = `00-${ids.traceId}-${ids.spanId}-01`;
  const states: [string, string | undefined][] = [
    ['a=1', 'a=1'],
    [`a=${'x'.repeat(253)},b=${'y'.repeat(254)}`, `a=${'x'.repeat(253)},b=${'y'.repeat(254)}`],
    [`a=${'x'.repeat(253)},b=${'y'.repeat(255)}`, undefined],
  ];
  for (const [traceState, carried] of states) {
    it(`of ${traceState.length} characters is carried ${carried === undefined ? 'not at all' : 'whole'}`, () => {
      using probe = new KernelProbe({ traceState: true });
      const packet = frame({ traceparent, tracestate: traceState });
      const dropped = carried === undefined ? { trace_state_dropped: 1 } : {};
      assert.deepEqual(probe.show(packet, 'ingress'), { ...first, ...dropped });
      probe.show(packet, 'egress');
      assert.equal(probe.takeHops()[0]?.context.traceState, carried);
    });
  }

  it('is not carried when it was not asked for', () => {
    assert.equal(hopOf({}, { traceparent, tracestate: 'a=1' })?.context.traceState, undefined);
  });

  it('may fill the ring, which is counted', () => {
    using probe = new KernelProbe({ traceState: true, ringBytes: 4096, tableSlots: 1024 });
    let full = 0;
    for (let sequence = 0; sequence < 40; sequence++) {
      const packet = (hook: 'ingress' | 'egress') =>
        probe.show(
          tcpFrame(request(`traceparent: ${traceparent}`, `tracestate: a=${'x'.repeat(250)}`), {
            sequence: sequence * 1000,
          }),
          hook,
        );
      packet('ingress');
      const { continuing, records = 0, ring_full = 0 } = packet('egress');
      assert.equal(continuing, records + ring_full);
      full += ring_full;
    }
    // Test runs may wander over the CPUs, each of which has a ring of 8 such records.
    assert.ok(full >= 40 - 8 * 2, `${full} of 40`);
  });
});
