// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOPSPAN_SCOPE } from '../src/index.ts';
import { describeLoss, lostAttributes } from '../src/lost-attributes.ts';
import { LostSpan } from '../src/lost-span.ts';
import { makeLost, nicSighting } from './make-hop.ts';

const dropped = {
  'error.type': 'NETFILTER_DROP',
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
  'hopspan.stream.position': 4_000_000_123,
  'hopspan.lost.evidence': 'drop',
  'hopspan.lost.retransmissions': 1,
  'hopspan.lost.reason': 'NETFILTER_DROP',
  'hopspan.lost.interface': 'veth1a2b',
};

describe('the attributes of a lost message', () => {
  it('say where it was seen last, and what the kernel says', () => {
    assert.deepEqual(lostAttributes(makeLost()), dropped);
  });

  it('have the tunnel, which copy it was, and what processors found out', () => {
    const got = lostAttributes(
      makeLost({ from: nicSighting, retransmission: 2, attributes: { 'source.k8s.pod.name': 'a' } }),
    );
    assert.deepEqual(
      [got['tunnel.type'], got['tunnel.id'], got['hopspan.retransmission'], got['source.k8s.pod.name']],
      ['vxlan', 42, 2, 'a'],
    );
  });

  it('give a retransmission as the only evidence there is', () => {
    const { drop: _, ...lost } = makeLost({ evidence: 'retransmission' });
    const got = lostAttributes(lost);
    assert.equal(got['error.type'], 'retransmission');
    assert.equal('hopspan.lost.reason' in got, false);
    assert.equal(describeLoss(lost), 'lost after veth1a2b: retransmitted');
  });

  it('do without a device that the kernel did not tell', () => {
    const got = lostAttributes(makeLost({ drop: { reason: '7', ifname: '' } }));
    assert.equal(got['hopspan.lost.reason'], '7');
    assert.equal('hopspan.lost.interface' in got, false);
  });
});

describe('the span of a lost message', () => {
  it('lasts from its last sighting until the drop, below the span that sent it', () => {
    const span = new LostSpan(makeLost(), { attributes: {} }, HOPSPAN_SCOPE);
    assert.deepEqual(
      [span.startTime, span.endTime, span.duration],
      [
        [1_700_000_005, 0],
        [1_700_000_005, 5000],
        [0, 5000],
      ],
    );
    assert.equal(span.parentSpanContext.isRemote, true);
    assert.equal(span.spanContext().traceId, span.parentSpanContext.traceId);
    assert.notEqual(span.spanContext().spanId, span.parentSpanContext.spanId);
  });
});
