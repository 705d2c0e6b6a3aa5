// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tunnel } from '@hopspan/core';
import { ends6, readPacket, traced } from './corpus.ts';
import { KernelProbe } from './kernel-probe.ts';
import { ETHER, ethernet, ipv4, ipv6, PROTOCOL, tcp } from './layers.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';
const first = { sightings: 1, first: 1 };
const hop = { sightings: 1, continuing: 1, records: 1, completed: 1 };
const outer4 = { sourceAddress: '192.168.0.1', destinationAddress: '192.168.0.2' };
const outer6 = { sourceAddress: 'fe80::a', destinationAddress: 'fe80::b' };

/** What a request is wrapped in, its family, and what is said about the tunnel. */
const wrappings: [what: string, inside: 'IPv4' | 'IPv6', tunnel: Tunnel | undefined][] = [
  ['a VLAN', 'IPv4', undefined],
  ['QinQ', 'IPv6', undefined],
  ['IPv4 with options', 'IPv4', undefined],
  ['IPv6 with a chain', 'IPv6', undefined],
  ['VXLAN over IPv4', 'IPv6', { type: 'vxlan', id: 0, ...outer4 }],
  ['VXLAN over IPv6', 'IPv4', { type: 'vxlan', id: 0xff_ffff, ...outer6 }],
  ['Geneve with options', 'IPv4', { type: 'geneve', id: 7, ...outer6 }],
  ['GRE', 'IPv4', { type: 'gre', ...outer4 }],
  ['GRE with everything', 'IPv6', { type: 'gre', id: 0xffff_ffff, ...outer6 }],
  ['GRE around Ethernet', 'IPv4', { type: 'gre', ...outer4 }],
  ['IPIP', 'IPv4', { type: 'ipip', ...outer4 }],
  ['IP6IP6', 'IPv6', { type: 'ip6ip6', ...outer6 }],
  ['6in4', 'IPv6', { type: '6in4', ...outer4 }],
  ['4in6', 'IPv4', { type: '4in6', ...outer6 }],
  ['VXLAN in a VLAN over IPv6', 'IPv4', { type: 'vxlan', id: 1, ...outer6 }],
  ['GRE in IPIP', 'IPv4', { type: 'ipip', ...outer4 }],
];

describe('a request that is wrapped', { skip }, () => {
  for (const [what, family, tunnel] of wrappings) {
    const [inside, wrapped] = [readPacket(family), readPacket(what)];

    it(`in ${what} on its way out is the same, and the hop tells the tunnel`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(inside, 'ingress'), first);
      assert.deepEqual(probe.show(wrapped, 'egress'), hop);
      const [{ from, to } = { from: undefined, to: undefined }] = probe.takeHops();
      assert.deepEqual([from?.tunnel, to?.tunnel], [undefined, tunnel]);
      assert.deepEqual(
        [to?.networkType, to?.source, to?.destination],
        [from?.networkType, ...endsOf(family)],
      );
    });

    it(`in ${what} on its way in is remembered with the tunnel`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(wrapped, 'ingress'), first);
      assert.deepEqual(probe.show(inside, 'egress'), hop);
      const [{ from, to } = { from: undefined, to: undefined }] = probe.takeHops();
      assert.deepEqual([from?.tunnel, to?.tunnel], [tunnel, undefined]);
      assert.deepEqual([from?.source, from?.destination], endsOf(family));
    });
  }

  it('over IPv6 does not lend its addresses to the next message in its slot', () => {
    using probe = new KernelProbe({ tableSlots: 4 });
    for (const [sequence, outer] of [
      [1000, ends6],
      [2000, { source: ends6.destination, destination: ends6.source }],
    ] as const) {
      const inside = ipv4(PROTOCOL.tcp, tcp(traced, { sequence }));
      probe.show(ethernet(ETHER.ipv6, ipv6(PROTOCOL.ipv4, inside, outer)), 'ingress');
      probe.show(ethernet(ETHER.ipv4, inside), 'egress');
    }
    const tunnels = probe.takeHops().map(({ from }) => from.tunnel);
    assert.deepEqual(tunnels, [
      { type: '4in6', ...outer6 },
      { type: '4in6', sourceAddress: outer6.destinationAddress, destinationAddress: outer6.sourceAddress },
    ]);
  });
});

function endsOf(family: 'IPv4' | 'IPv6'): { address: string; port: number }[] {
  const addresses = family === 'IPv4' ? ['10.0.0.1', '10.0.1.2'] : ['fd00::1', 'fd01::2'];
  return [40_000, 8080].map((port, i) => ({ address: addresses[i] ?? '', port }));
}

describe('a packet with headers in front of TCP', { skip }, () => {
  const cases: [what: string, raised: Record<string, number>][] = [
    ['IPv6', first],
    ['six extension headers', first],
    ['seven extension headers', { malformed: 1 }],
    ['an extension beyond the packet', { malformed: 1 }],
    ['the first fragment of IPv6', first],
    ['a later fragment of IPv6', { fragment: 1 }],
    ['a jumbogram', first],
    ['IPv6 of BIG TCP', first],
    ['a payload beyond the frame', { malformed: 1 }],
    ['an encrypted payload', { esp: 1 }],
    ['a third VLAN tag', { other_protocol: 1 }],
    ['two tunnels', first],
    ['three tunnels', { tunnels_nested: 1 }],
    ['GRE of version 1', { gre_other: 1 }],
    ['GRE around ERSPAN', { other_protocol: 1 }],
    ['Geneve around IP', { geneve_other: 1 }],
    ['an inner packet that was cut', { malformed: 1 }],
    ['a later fragment of a tunnel', { fragment: 1 }],
  ];
  for (const [what, raised] of cases) {
    it(`counts ${what}`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(readPacket(what)), raised);
    });
  }
});

describe('a device without Ethernet headers', { skip }, () => {
  const cases: [what: string, tunnel: Tunnel['type'] | undefined, address: string][] = [
    ['IPv4', undefined, '8.0.0.1'],
    ['IPv6', undefined, '2001:db8:86dd::1'],
    ['IPIP', 'ipip', '10.0.0.1'],
    ['VXLAN over IPv6', 'vxlan', '10.0.0.1'],
  ];
  for (const [what, tunnel, address] of cases) {
    it(`shows packets that begin with ${what}`, () => {
      using probe = new KernelProbe();
      const packet = readPacket(`${what} without Ethernet`);
      assert.deepEqual(probe.show(packet, 'ingress', 'none'), first);
      assert.deepEqual(probe.show(packet, 'egress', 'none'), hop);
      const [hopped] = probe.takeHops();
      assert.deepEqual([hopped?.to.tunnel?.type, hopped?.to.source.address], [tunnel, address]);
    });
  }

  it('shares messages with one that has them', () => {
    using probe = new KernelProbe();
    assert.deepEqual(probe.show(readPacket('IPIP'), 'ingress'), first);
    assert.deepEqual(probe.show(readPacket('IPv4 without Ethernet'), 'egress', 'none'), hop);
  });

  it('has nothing to say of a frame', () => {
    using probe = new KernelProbe();
    assert.deepEqual(probe.show(readPacket('IPv4'), 'ingress', 'none'), { malformed: 1 });
  });
});
