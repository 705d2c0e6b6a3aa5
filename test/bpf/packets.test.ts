// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { readPacket, traced } from './corpus.ts';
import { KernelProbe } from './kernel-probe.ts';
import { type PacketFields, tcpFrame, vxlanFrame } from './packet.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';
const first = { sightings: 1, first: 1 };

describe('a packet in the kernel', { skip }, () => {
  const cases: [what: string, raised: Record<string, number>][] = [
    ['a traced request', first],
    ['a traced request in VXLAN', first],
    ['VXLAN on the other default port', first],
    ['VXLAN on a port that was not configured', {}],
    ['an unsampled request', { unsampled: 1 }],
    ['a request without context', { no_context: 1 }],
    ['a version that is reserved', { invalid_context: 1 }],
    ['two contexts', { duplicate_context: 1 }],
    ['a header that goes on', { header_split: 1, connection_opened: 1 }],
    ['a response', { response: 1, response_unarmed: 1 }],
    ['a TLS record', { tls: 1 }],
    ['an HTTP/2 preface', { http2: 1 }],
    ['something else', { not_http: 1 }],
    ['less than a word', { not_http: 1 }],
    ['the beginning of a method', { header_split: 1, connection_opened: 1 }],
    ['a bare acknowledgement', {}],
    ['a datagram', {}],
    ['ARP', {}],
    ['LLDP', { other_protocol: 1 }],
    ['a later fragment', { fragment: 1 }],
    ['a length beyond the frame', { malformed: 1 }],
    ['a TCP header beyond the packet', { malformed: 1 }],
    ['the length of BIG TCP', first],
  ];
  for (const [what, raised] of cases) {
    it(`counts ${what}`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(readPacket(what)), raised);
    });
  }

  it('is searched as far as it was configured', () => {
    const deep = readPacket('a context behind 600 bytes');
    using far = new KernelProbe({ searchBytes: 1024 });
    using near = new KernelProbe({ searchBytes: 512 });
    assert.deepEqual(far.show(deep), first);
    assert.deepEqual(near.show(deep), { header_beyond_window: 1 });
  });
});

describe('two sightings', { skip }, () => {
  const at = (fields: PacketFields) => tcpFrame(traced, fields);

  it('make a hop when the message is the same, also through a tunnel', () => {
    using probe = new KernelProbe();
    probe.show(at({}), 'ingress');
    assert.deepEqual(probe.show(vxlanFrame(at({})), 'egress'), {
      sightings: 1,
      continuing: 1,
      records: 1,
      completed: 1,
    });
  });

  it('make none when the stream position differs', () => {
    using probe = new KernelProbe();
    probe.show(at({ sequence: 1 }), 'ingress');
    assert.deepEqual(probe.show(at({ sequence: 2 }), 'egress'), first);
  });

  it('make none at the same point: that is a copy, whose own hops follow', () => {
    using probe = new KernelProbe();
    probe.show(at({}), 'ingress');
    // The first copy has not come to the end of its path: it may be lost.
    assert.deepEqual(probe.show(at({}), 'ingress'), { sightings: 1, repeated: 1, loss_suspected: 1 });
    assert.deepEqual(probe.show(at({}), 'egress'), { sightings: 1, continuing: 1, records: 1, completed: 1 });
    assert.deepEqual(probe.show(at({}), 'ingress'), { sightings: 1, repeated: 1 });
    assert.deepEqual(probe.show(at({}), 'egress'), { sightings: 1, continuing: 1, records: 1 });
  });

  it('never make a hop backwards, a doubled or a negative one, in whatever order copies come', () => {
    using probe = new KernelProbe();
    const length = 9;
    for (let order = 0; order < 2 ** (length - 1); order++) {
      // The message enters the node first; then nine sightings of copies in every order there is.
      const hooks = Array.from({ length }, (_, i) => ((order << 1) >> i) & 1);
      for (const hook of hooks) probe.show(at({ sequence: order * 1000 }), hook === 0 ? 'ingress' : 'egress');
      const hops = probe.takeHops().toSorted((a, b) => a.retransmission - b.retransmission);
      const passages = hooks.filter((hook, i) => hook === 1 && hooks[i - 1] === 0).length;
      assert.equal(hops.length, passages, `${hooks}`);
      assert.equal(new Set(hops.map(({ retransmission }) => retransmission)).size, passages, `${hooks}`);
      let last = 0n;
      for (const { from, to, durationNs } of hops) {
        assert.deepEqual([from.point.hook, to.point.hook], ['ingress', 'egress'], `${hooks}`);
        assert.ok(durationNs > 0 && from.monotonicNs > last, `${hooks}`);
        last = to.monotonicNs;
      }
    }
  });

  it('are counted when the ring is full', () => {
    using probe = new KernelProbe({ ringBytes: 4096, tableSlots: 1024 });
    let full = 0;
    for (let sequence = 0; sequence < 200; sequence++) {
      probe.show(at({ sequence }), 'ingress');
      const { continuing, records = 0, ring_full = 0 } = probe.show(at({ sequence }), 'egress');
      assert.equal(continuing, records + ring_full);
      full += ring_full;
    }
    // Test runs may wander over the CPUs, each of which has a ring of 18 records.
    assert.ok(full >= 200 - 18 * availableParallelism() && full > 0, `${full} of 200`);
  });

  it('displace older ones when the table is too small, which is counted where those were', () => {
    using probe = new KernelProbe({ tableSlots: 4 });
    let overwritten = 0;
    for (let sequence = 0; sequence < 10; sequence++)
      overwritten += probe.show(at({ sequence })).overwritten ?? 0;
    assert.equal(overwritten, 6);
  });
});
