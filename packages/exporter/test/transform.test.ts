// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hop, PointRole } from '@hopspan/core';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { HOPSPAN_SCOPE } from '../src/scope.ts';
import { hopToSpan } from '../src/transform.ts';
import { makeHop, nicSighting, PARENT_ID, TRACE_ID, vportSighting } from './make-hop.ts';

const resource = { attributes: { 'service.name': 'test' } };
const received = makeHop({
  direction: 'receive',
  from: nicSighting,
  to: { ...vportSighting, point: { ...vportSighting.point, hook: 'egress' } },
});
const localEnd = { ...vportSighting, point: { ...vportSighting.point, index: 9, ifname: 'veth9z' } };

describe('hopToSpan', () => {
  it('makes an internal span in the trace of the packet, child of its span', () => {
    const span = hopToSpan(makeHop(), resource);
    assert.equal(span.kind, SpanKind.INTERNAL);
    assert.equal(span.name, 'overlay transmit');
    assert.deepEqual(span.parentSpanContext, {
      traceId: TRACE_ID,
      spanId: PARENT_ID,
      traceFlags: 1,
      isRemote: true,
      traceState: undefined,
    });
    const { traceId, spanId, traceFlags, isRemote } = span.spanContext();
    assert.deepEqual([traceId, traceFlags, isRemote], [TRACE_ID, 1, undefined]);
    assert.match(spanId, /^(?!0{16})[0-9a-f]{16}$/);
  });

  it('gives every span an id of its own', () => {
    const ids = Array.from({ length: 5000 }, () => hopToSpan(makeHop(), resource).spanContext().spanId);
    assert.equal(new Set(ids).size, 5000);
  });

  it('copies the flags with the random bit', () => {
    const span = hopToSpan(
      makeHop({ context: { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 3 } }),
      resource,
    );
    assert.equal(span.spanContext().traceFlags, 3);
    assert.equal(span.parentSpanContext.traceFlags, 3);
  });

  it('hands the tracestate on, and leaves out an unreadable one', () => {
    const context = { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 1 };
    const span = hopToSpan(makeHop({ context: { ...context, traceState: 'a=1,b=2' } }), resource);
    assert.equal(span.spanContext().traceState?.serialize(), 'a=1,b=2');
    assert.equal(span.parentSpanContext.traceState?.get('b'), '2');
    const bad = hopToSpan(makeHop({ context: { ...context, traceState: 'A=1' } }), resource);
    assert.equal(bad.spanContext().traceState, undefined);
  });

  it('dates both ends exactly, by the one clock offset', () => {
    const span = hopToSpan(makeHop(), resource);
    assert.deepEqual(span.startTime, [1_700_000_005, 0]);
    assert.deepEqual(span.endTime, [1_700_000_005, 12_345]);
    assert.deepEqual(span.duration, [0, 12_345]);
  });

  it('carries nanoseconds into the next second', () => {
    const from = { ...vportSighting, monotonicNs: 5_999_999_999n };
    const span = hopToSpan(makeHop({ from, durationNs: 2_000_000_002 }), resource);
    assert.deepEqual(span.startTime, [1_700_000_005, 999_999_999]);
    assert.deepEqual(span.endTime, [1_700_000_008, 1]);
    assert.deepEqual(span.duration, [2, 2]);
  });

  it('describes a transmit hop as the vport saw it, with the tunnel the NIC saw', () => {
    assert.deepEqual(hopToSpan(makeHop(), resource).attributes, {
      'network.io.direction': 'transmit',
      'network.transport': 'tcp',
      'network.type': 'ipv4',
      'network.protocol.name': 'http',
      'network.interface.name': 'veth1a2b',
      'source.address': '10.244.1.5',
      'source.port': 40_000,
      'destination.address': '10.96.0.10',
      'destination.port': 80,
      'hopspan.kind': 'request',
      'hopspan.from.interface': 'veth1a2b',
      'hopspan.from.role': 'vport',
      'hopspan.from.hook': 'ingress',
      'hopspan.to.interface': 'eth0',
      'hopspan.to.role': 'nic',
      'hopspan.to.hook': 'egress',
      'hopspan.stream.position': 4_000_000_123,
      'hopspan.from.destination.address': '10.96.0.10',
      'hopspan.from.destination.port': 80,
      'hopspan.to.destination.address': '10.244.2.6',
      'hopspan.to.destination.port': 8080,
      'tunnel.type': 'vxlan',
      'tunnel.id': 42,
      'tunnel.source.address': '192.168.0.1',
      'tunnel.destination.address': '192.168.0.2',
    });
  });

  it('tells addresses before and after translation apart, and says nothing of those that stay', () => {
    const translated = (hop: Parameters<typeof makeHop>[0]) =>
      Object.entries(hopToSpan(makeHop(hop), resource).attributes)
        .filter(([name]) => /^hopspan\.(from|to)\.(source|destination)\./.test(name))
        .map(([name, value]) => `${name.slice('hopspan.'.length)} ${value}`);
    const { source, destination } = vportSighting;
    assert.deepEqual(translated({ to: { ...nicSighting, source, destination: { ...destination } } }), []);
    const masquerade = { address: '192.168.0.1', port: 61_000 };
    assert.deepEqual(translated({ to: { ...nicSighting, source: masquerade, destination } }), [
      'from.source.address 10.244.1.5',
      'from.source.port 40000',
      'to.source.address 192.168.0.1',
      'to.source.port 61000',
    ]);
    assert.equal(translated({ to: { ...nicSighting, source: masquerade } }).length, 8, 'both at once');
  });

  it('names a hop that ends on the way by its two roles, and one from end to end by its direction', () => {
    const at = (role: PointRole, sighting = nicSighting) => ({
      ...sighting,
      point: { ...sighting.point, role },
    });
    const nameOf = (from: PointRole, to: PointRole) =>
      hopToSpan(makeHop({ from: at(from), to: at(to) }), resource).name;
    assert.equal(nameOf('vport', 'bridge'), 'overlay vport→bridge');
    assert.equal(nameOf('bridge', 'tunnel'), 'overlay bridge→tunnel');
    assert.equal(nameOf('tunnel', 'nic'), 'overlay tunnel→nic');
    assert.equal(nameOf('bond', 'nic'), 'overlay bond→nic');
    assert.equal(nameOf('vport', 'nic'), 'overlay transmit');
  });

  it('leaves the identifier of a tunnel out that has none', () => {
    const tunnel = { type: '6in4', sourceAddress: '192.168.0.1', destinationAddress: '192.168.0.2' } as const;
    const { attributes } = hopToSpan(makeHop({ to: { ...nicSighting, tunnel } }), resource);
    assert.equal(attributes['tunnel.type'], '6in4');
    assert.equal('tunnel.id' in attributes, false);
  });

  it('describes a receive hop as the vport saw it too', () => {
    const span = hopToSpan(received, resource);
    assert.equal(span.name, 'overlay receive');
    assert.equal(span.attributes['network.io.direction'], 'receive');
    assert.equal(span.attributes['network.interface.name'], 'veth1a2b');
    assert.equal(span.attributes['destination.address'], '10.96.0.10');
    assert.equal(span.attributes['hopspan.from.interface'], 'eth0');
    assert.equal(span.attributes['tunnel.id'], 42);
  });

  it('gives a local hop its first vport, and neither direction nor tunnel', () => {
    const span = hopToSpan(makeHop({ direction: 'local', to: localEnd }), resource);
    assert.equal(span.name, 'overlay local');
    assert.equal(span.attributes['network.interface.name'], 'veth1a2b');
    assert.equal(span.attributes['hopspan.to.interface'], 'veth9z');
    const names = Object.keys(span.attributes);
    assert.deepEqual(
      names.filter((n) => n.startsWith('tunnel.') || n === 'network.io.direction'),
      [],
    );
  });

  it('gives a forward hop no direction', () => {
    const span = hopToSpan(makeHop({ direction: 'forward', from: nicSighting }), resource);
    assert.equal(span.name, 'overlay forward');
    assert.equal('network.io.direction' in span.attributes, false);
  });

  it('names retransmissions and response codes only where there are any', () => {
    const again = hopToSpan(makeHop({ kind: 'response', retransmission: 2, statusCode: 404 }), resource);
    assert.equal(again.attributes['hopspan.kind'], 'response');
    assert.equal(again.attributes['hopspan.retransmission'], 2);
    assert.equal(again.attributes['http.response.status_code'], 404);
    const names = Object.keys(hopToSpan(makeHop(), resource).attributes);
    assert.ok(!names.includes('hopspan.retransmission') && !names.includes('http.response.status_code'));
  });

  it('is an error from status 400 on, as the conventions say for clients', () => {
    for (const [statusCode, code, type] of [
      [200, 0, undefined],
      [399, 0, undefined],
      [400, 2, '400'],
      [404, 2, '404'],
      [503, 2, '503'],
    ] as const) {
      const { status, attributes } = hopToSpan(makeHop({ kind: 'response', statusCode }), resource);
      assert.deepEqual([status.code, attributes['error.type']], [code, type], `${statusCode}`);
    }
    assert.equal(hopToSpan(makeHop(), resource).status.code, 0);
  });

  it('adds what processors found out, and lets them be more exact', () => {
    const attributes = { 'destination.k8s.pod.name': 'reviews-0', 'destination.port': 9080 };
    const span = hopToSpan(makeHop({ attributes }), resource);
    assert.equal(span.attributes['destination.k8s.pod.name'], 'reviews-0');
    assert.equal(span.attributes['destination.port'], 9080);
    assert.equal(span.attributes['network.transport'], 'tcp');
  });

  it('tells which request a response answers, and where the time went', () => {
    const budget = { role: 'client', requestPosition: 5, requestNs: 1, betweenNs: 2, responseNs: 3 } as const;
    const ownOf = (hop: Partial<Hop>) => {
      const { attributes } = hopToSpan(makeHop({ kind: 'response', requestPosition: 5, ...hop }), resource);
      const own = Object.entries(attributes).filter(([name]) => /^hopspan.(budget|request)/.test(name));
      return Object.fromEntries(own);
    };
    assert.deepEqual(ownOf({}), { 'hopspan.request.position': 5 });
    assert.deepEqual(ownOf({ budget: { ...budget, retransmission: 0 } }), {
      'hopspan.request.position': 5,
      'hopspan.budget.role': 'client',
      'hopspan.budget.request': 1,
      'hopspan.budget.away': 2,
      'hopspan.budget.response': 3,
    });
    assert.deepEqual(ownOf({ budget: { ...budget, role: 'server', retransmission: 1 } }), {
      'hopspan.request.position': 5,
      'hopspan.budget.role': 'server',
      'hopspan.budget.request': 1,
      'hopspan.budget.pod': 2,
      'hopspan.budget.response': 3,
      'hopspan.budget.retransmission': 1,
    });
  });

  it('shares resource, scope, status and empty lists', () => {
    const [a, b] = [hopToSpan(makeHop(), resource), hopToSpan(makeHop(), resource)];
    assert.equal(a.resource, resource);
    assert.equal(a.instrumentationScope, HOPSPAN_SCOPE);
    assert.deepEqual(a.status, { code: SpanStatusCode.UNSET });
    assert.ok(a.status === b.status && a.links === b.links && a.events === b.events);
    assert.deepEqual([a.links, a.events, a.ended], [[], [], true]);
    assert.deepEqual([a.droppedAttributesCount, a.droppedEventsCount, a.droppedLinksCount], [0, 0, 0]);
  });
});
