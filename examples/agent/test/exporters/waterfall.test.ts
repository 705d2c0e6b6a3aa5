// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderWaterfall } from '../../src/exporters/waterfall.ts';
import { makeHop, nic, vport } from '../support/make-hop.ts';

function bars(text: string): string[] {
  return [...text.matchAll(/\|(.*)\|/g)].map((match) => match[1] ?? '');
}

describe('renderWaterfall', () => {
  it('shows a trace with its time, its hops in order and bars to scale', () => {
    const second = makeHop(60_000, 40_000);
    const text = renderWaterfall([second, makeHop(0, 20_000)]);
    assert.equal(
      text,
      `trace 4bf92f3577b34da6a3ce929d0e0e4736  2023-11-14T22:13:25.000000Z  2 hops, 100.0 µs
  00f067aa0ba902b7  10.0.0.1:40000 → 10.0.0.2:80
    overlay transmit  veth1 → eth0       +0.0      20.0 µs |████████                                |
    overlay transmit  veth1 → eth0      +60.0      40.0 µs |                        ████████████████|
`,
    );
  });

  it('names a hop between points on the way by their roles, and aligns the names', () => {
    const bridge = { ...nic, ifname: 'cni0', role: 'bridge', hook: 'ingress' } as const;
    const { from, to } = makeHop(0, 1000);
    const text = renderWaterfall([
      makeHop(0, 1000, { to: { ...to, point: bridge } }),
      makeHop(1000, 1000, { from: { ...from, point: bridge } }),
      makeHop(3000, 1000),
    ]);
    const labels = text.split('\n').map((line) => line.slice(4, 45).trimEnd());
    assert.deepEqual(labels.slice(2, 5), [
      'overlay vport→bridge  veth1 → cni0',
      'overlay bridge→nic    cni0 → eth0',
      'overlay transmit      veth1 → eth0',
    ]);
  });

  it('shows a lost message where it was seen last, with the cause', () => {
    const { kind, context, from, clockOffsetNs, streamPosition } = makeHop(50_000, 0);
    const lost = { kind, context, from, clockOffsetNs, streamPosition, durationNs: 50_000 };
    const text = renderWaterfall([
      makeHop(0, 20_000),
      { ...lost, retransmission: 0, copies: 0, evidence: 'retransmission' },
      {
        ...lost,
        retransmission: 1,
        copies: 2,
        evidence: 'drop',
        drop: { reason: 'NETFILTER_DROP', ifname: 'veth1' },
      },
    ]);
    const [title = '', , ...rows] = text.split('\n').map((line) => line.replace(/ \|.*/, ''));
    assert.match(title, /1 hop, 2 lost, 100\.0 µs$/);
    assert.deepEqual(
      rows.slice(0, 3).map((row) => row.trim().replaceAll(/ {2,}/g, '  ')),
      [
        'overlay transmit  veth1 → eth0  +0.0  20.0 µs',
        'overlay lost  after veth1  sent again  +50.0  50.0 µs',
        'overlay lost  after veth1  retransmission 1  NETFILTER_DROP at veth1, 2 copies seen  +50.0  50.0 µs',
      ],
    );
  });

  it('groups the hops by the span that sent the message', () => {
    const context = { ...makeHop(0, 1).context, spanId: 'aaaaaaaaaaaaaaaa' };
    const text = renderWaterfall([makeHop(0, 1000), makeHop(10, 1000, { context }), makeHop(20, 1000)]);
    const lines = text.split('\n').map((line) => line.trim().split(' ')[0]);
    assert.deepEqual(lines, [
      'trace',
      '00f067aa0ba902b7',
      'overlay',
      'overlay',
      'aaaaaaaaaaaaaaaa',
      'overlay',
      '',
    ]);
  });

  it('keeps a hop visible however short it is, and inside the frame', () => {
    const rows = bars(renderWaterfall([makeHop(0, 1), makeHop(999_999, 1)]));
    assert.deepEqual(rows, [`█${' '.repeat(39)}`, `${' '.repeat(39)}█`]);
  });

  it('draws a single hop without a duration', () => {
    assert.equal(bars(renderWaterfall([makeHop(0, 0)]))[0]?.trim(), '█');
  });

  it('says below the last hop of a request where its time went', () => {
    const budget = {
      role: 'client',
      requestPosition: 1,
      requestNs: 12_340,
      betweenNs: 1_234_500,
      responseNs: 9000,
      retransmission: 0,
    } as const;
    const text = renderWaterfall([makeHop(0, 12_340), makeHop(2000, 9000, { kind: 'response', budget })]);
    assert.equal(text.split('\n')[4], '      client: transmit 12.3 µs · away 1234.5 µs · receive 9.0 µs');
  });

  it('notes tunnel, status and retransmission', () => {
    const hop = makeHop(0, 10);
    const tunnel = {
      type: 'vxlan',
      id: 42,
      sourceAddress: '192.168.0.1',
      destinationAddress: '192.168.0.2',
    } as const;
    const text = renderWaterfall([
      { ...hop, kind: 'response', statusCode: 503, retransmission: 2, to: { ...hop.to, tunnel } },
    ]);
    assert.match(text, /veth1 → eth0 {2}vxlan 42 {2}response 503 {2}retransmission 2/);
  });

  it('notes a tunnel without an identifier by its type', () => {
    const hop = makeHop(0, 10);
    const tunnel = { type: 'ipip', sourceAddress: '192.168.0.1', destinationAddress: '192.168.0.2' } as const;
    assert.match(renderWaterfall([{ ...hop, to: { ...hop.to, tunnel } }]), /veth1 → eth0 {2}ipip {2}/);
  });

  it('puts IPv6 addresses into brackets', () => {
    const end = {
      point: vport,
      networkType: 'ipv6',
      monotonicNs: 1n,
      source: { address: 'fd00::1', port: 1 },
      destination: { address: 'fd00::2', port: 2 },
    } as const;
    assert.match(
      renderWaterfall([makeHop(0, 1, { from: end, to: { ...end, point: nic } })]),
      /\[fd00::1\]:1 → \[fd00::2\]:2/,
    );
  });
});
