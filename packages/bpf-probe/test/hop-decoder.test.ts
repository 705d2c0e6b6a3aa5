// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TracingPoint } from '@hopspan/core';
import {
  HOP_ENDPOINT,
  HOP_RECORD,
  LOSS_RECORD,
  TUNNEL_4IN6,
  TUNNEL_6IN4,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_IP6IP6,
  TUNNEL_IPIP,
  TUNNEL_NONE,
  TUNNEL_VXLAN,
} from '../src/generated/abi.ts';
import { HopDecoder } from '../src/hop-decoder.ts';

const golden = readFileSync(new URL('fixtures/hop-record.bin', import.meta.url));
const goldenLoss = readFileSync(new URL('fixtures/loss-record.bin', import.meta.url));

const VPORT: TracingPoint = { index: 1, ifindex: 9, ifname: 'veth1', role: 'vport', hook: 'ingress' };
const NIC: TracingPoint = { index: 0x0102, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'egress' };
const pointOf = (index: number): TracingPoint | undefined => [VPORT, NIC].find((p) => p.index === index);

/** Writes records as the addon does; returns the bytes used. */
function store(decoder: HopDecoder, ...records: readonly Uint8Array[]): number {
  let at = 0;
  for (const record of records) {
    decoder.buffer.writeUInt32LE(record.length, at);
    decoder.buffer.fill(0, at + 4, at + 8);
    const stored = record.subarray(0, 1016);
    decoder.buffer.set(stored, at + 8);
    at += 8 + ((stored.length + 7) & ~7);
  }
  return at;
}

function changed(at: number, byte: number): Buffer {
  const record = Buffer.from(golden);
  record[at] = byte;
  return record;
}

describe('HopDecoder', () => {
  it('reads back every field of the record that the C compiler laid out', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const [hop] = decoder.decode(store(decoder, golden), 5n);
    assert.deepEqual(hop, {
      kind: 'response',
      direction: 'transmit',
      context: {
        traceId: 'f8f9fafbfcfdfeff0001020304050607',
        spanId: '0102030405060708',
        traceFlags: 3,
      },
      from: {
        point: VPORT,
        monotonicNs: 0x0000_ffff_ffff_fff0n,
        networkType: 'ipv4',
        source: { address: '10.244.1.2', port: 65535 },
        destination: { address: '10.244.2.255', port: 80 },
        tunnel: {
          type: 'vxlan',
          id: 0xff_ffff,
          sourceAddress: '192.168.0.1',
          destinationAddress: '192.168.0.2',
        },
      },
      to: {
        point: NIC,
        monotonicNs: 0x0001_0000_0000_0010n,
        networkType: 'ipv6',
        source: { address: 'fd00::1', port: 1 },
        destination: { address: '2021:2223:2425:2627:2829:2a2b:2c2d:2e2f', port: 8080 },
        tunnel: {
          type: 'gre',
          sourceAddress: '3031:3233:3435:3637:3839:3a3b:3c3d:3e3f',
          destinationAddress: 'fe80::2',
        },
      },
      durationNs: 32,
      clockOffsetNs: 5n,
      streamPosition: 0xfedc_ba98,
      retransmission: 7,
      statusCode: 503,
      requestPosition: 0xffffffff,
    });
  });

  it('reads records that stand back to back', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const second = changed(HOP_RECORD.retransmission, 9);
    const hops = decoder.decode(store(decoder, golden, second), 0n);
    assert.deepEqual(
      hops.map((hop) => hop.retransmission),
      [7, 9],
    );
    assert.equal(decoder.tally.records_read, 2);
  });

  it('tells the two ends apart when addresses were translated between them', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const record = Buffer.from(golden);
    record.copy(record, HOP_RECORD.to, HOP_RECORD.from, HOP_RECORD.to);
    const ports = (): (number | undefined)[] => {
      const [hop] = decoder.decode(store(decoder, record), 0n);
      return [hop?.from.source.port, hop?.to.source.port, hop?.to.destination.port];
    };
    assert.deepEqual(ports(), [65535, 65535, 80]);
    record.writeUInt16LE(7, HOP_RECORD.to + HOP_ENDPOINT.source_port);
    assert.deepEqual(ports(), [65535, 7, 80]);
  });

  const tunnelTypes: [number, string, number | undefined][] = [
    [TUNNEL_VXLAN, 'vxlan', 0],
    [TUNNEL_GENEVE, 'geneve', 0],
    [TUNNEL_GRE, 'gre', undefined],
    [TUNNEL_IPIP, 'ipip', undefined],
    [TUNNEL_IP6IP6, 'ip6ip6', undefined],
    [TUNNEL_6IN4, '6in4', undefined],
    [TUNNEL_4IN6, '4in6', undefined],
  ];
  for (const [number, type, id] of tunnelTypes) {
    it(`knows ${type} and whether it has an identifier`, () => {
      const decoder = new HopDecoder(4096, pointOf);
      const record = changed(HOP_RECORD.to + HOP_ENDPOINT.tunnel_type, number);
      const [hop] = decoder.decode(store(decoder, record), 0n);
      assert.deepEqual([hop?.to.tunnel?.type, hop?.to.tunnel?.id], [type, id]);
    });
  }

  it('reads the key of GRE, and addresses by the family of the outer header', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const record = changed(HOP_RECORD.to + HOP_ENDPOINT.tunnel_family, 4);
    record.writeUInt32LE(0xffff_fffe, HOP_RECORD.to + HOP_ENDPOINT.tunnel_id);
    const [hop] = decoder.decode(store(decoder, record), 0n);
    assert.deepEqual(hop?.to.tunnel, {
      type: 'gre',
      id: 0xffff_fffe,
      sourceAddress: '48.49.50.51',
      destinationAddress: '254.128.0.0',
    });
    assert.equal(hop?.to.networkType, 'ipv6');
  });

  it('gives an end without a tunnel none', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const record = changed(HOP_RECORD.to + HOP_ENDPOINT.tunnel_type, TUNNEL_NONE);
    const [hop] = decoder.decode(store(decoder, record), 0n);
    assert.equal(hop !== undefined && 'tunnel' in hop.to, false);
  });

  it('gives a request no status code', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const [hop] = decoder.decode(store(decoder, changed(HOP_RECORD.kind, 1)), 0n);
    assert.equal(hop?.kind, 'request');
    assert.ok(hop !== undefined && !('statusCode' in hop) && !('requestPosition' in hop));
  });

  it('reads back every field of a loss that the C compiler laid out', () => {
    const decoder = new HopDecoder(4096, pointOf, (reason) => `reason ${reason.toString(16)}`);
    assert.deepEqual(decoder.decode(store(decoder, goldenLoss), 5n), []);
    assert.deepEqual(decoder.takeLost(), [
      {
        kind: 'request',
        context: {
          traceId: 'f8f9fafbfcfdfeff0001020304050607',
          spanId: '0102030405060708',
          traceFlags: 3,
        },
        from: {
          point: VPORT,
          monotonicNs: 0x0000_ffff_ffff_fff0n,
          networkType: 'ipv4',
          source: { address: '10.244.1.2', port: 65535 },
          destination: { address: '10.244.2.255', port: 80 },
        },
        durationNs: 32,
        clockOffsetNs: 5n,
        streamPosition: 0xfedc_ba98,
        retransmission: 2,
        copies: 5,
        evidence: 'drop',
        drop: { reason: 'reason 20001', ifname: 'abcdefghijklmno' },
      },
    ]);
    assert.deepEqual(decoder.takeLost(), []);
    assert.deepEqual([decoder.tally.records_read, decoder.tally.records_invalid], [1, 0]);
  });

  it('keeps hops and losses of one batch apart, and refuses a loss without evidence', () => {
    const decoder = new HopDecoder(4096, pointOf);
    const without = Buffer.from(goldenLoss);
    without[LOSS_RECORD.evidence] = 0;
    const hops = decoder.decode(store(decoder, golden, goldenLoss, without, golden), 0n);
    assert.deepEqual([hops.length, decoder.takeLost().length], [2, 1]);
    assert.deepEqual([decoder.tally.records_read, decoder.tally.records_unknown_type], [4, 1]);
  });

  const bad: [string, Buffer, string][] = [
    ['an unknown record type', changed(HOP_RECORD.type, 3), 'records_unknown_type'],
    ['an unknown message kind', changed(HOP_RECORD.kind, 0), 'records_unknown_type'],
    ['an unknown address family', changed(HOP_RECORD.to + HOP_ENDPOINT.family, 5), 'records_unknown_type'],
    ['an unknown tunnel', changed(HOP_RECORD.from + HOP_ENDPOINT.tunnel_type, 8), 'records_unknown_type'],
    [
      'an unknown outer family',
      changed(HOP_RECORD.to + HOP_ENDPOINT.tunnel_family, 0),
      'records_unknown_type',
    ],
    ['a point nobody attached', changed(HOP_RECORD.from + HOP_ENDPOINT.point, 3), 'records_unknown_point'],
    ['a record that is too short', golden.subarray(0, 208), 'records_wrong_length'],
    ['a record that is too long', Buffer.concat([golden, Buffer.alloc(1500)]), 'records_wrong_length'],
    ['an empty record', Buffer.alloc(0), 'records_unknown_type'],
  ];
  for (const [what, record, reason] of bad) {
    it(`counts ${what} and goes on with the next record`, () => {
      const decoder = new HopDecoder(4096, pointOf);
      const hops = decoder.decode(store(decoder, record, golden), 0n);
      assert.equal(hops.length, 1);
      assert.deepEqual(decoder.tally, {
        records_read: 2,
        records_invalid: 1,
        records_wrong_length: 0,
        records_unknown_type: 0,
        records_unknown_point: 0,
        trace_states_invalid: 0,
        [reason]: 1,
      });
    });
  }

  describe('a tracestate behind the record', () => {
    function withState(text: string): Buffer {
      const record = Buffer.concat([golden, Buffer.from(text, 'latin1')]);
      record.writeUInt16LE(text.length, HOP_RECORD.trace_state_length);
      return record;
    }

    it('is the context’s, at any length, and the next record follows', () => {
      for (const length of [3, 100, 256]) {
        const decoder = new HopDecoder(4096, pointOf);
        const text = `a=${'x'.repeat(length - 2)}`;
        const hops = decoder.decode(store(decoder, withState(text), golden), 0n);
        assert.deepEqual(
          hops.map(({ context }) => context.traceState),
          [text, undefined],
        );
      }
    });

    it('is dropped whole and counted when it breaks the grammar', () => {
      const decoder = new HopDecoder(4096, pointOf);
      const [hop] = decoder.decode(store(decoder, withState('a=1,B=2')), 0n);
      assert.equal(hop?.context.traceState, undefined);
      assert.deepEqual([decoder.tally.trace_states_invalid, decoder.tally.records_invalid], [1, 0]);
    });
  });
});
