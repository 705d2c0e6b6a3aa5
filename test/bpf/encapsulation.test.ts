// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tunnel } from '@hopspan/core';
import { KernelProbe } from './kernel-probe.ts';
import {
  ETHER,
  ethernet,
  extension,
  fragment,
  geneve,
  gre,
  ipv4,
  ipv6,
  PROTOCOL,
  tag,
  tcp,
  vxlan,
} from './layers.ts';
import { ends6, frame4, frame6, inside4, outer6, over4, segment, traced, wrappings } from './wrappings.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';
const first = { sightings: 1, first: 1 };
const hop = { sightings: 1, continuing: 1, records: 1, completed: 1 };

describe('a request that is wrapped', { skip }, () => {
  for (const [what, inside, wrapped, tunnel] of wrappings) {
    it(`in ${what} on its way out is the same, and the hop tells the tunnel`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(inside, 'ingress'), first);
      assert.deepEqual(probe.show(wrapped, 'egress'), hop);
      const [{ from, to } = { from: undefined, to: undefined }] = probe.takeHops();
      assert.deepEqual([from?.tunnel, to?.tunnel], [undefined, tunnel]);
      assert.deepEqual(
        [to?.networkType, to?.source, to?.destination],
        [from?.networkType, ...endsOf(inside)],
      );
    });

    it(`in ${what} on its way in is remembered with the tunnel`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(wrapped, 'ingress'), first);
      assert.deepEqual(probe.show(inside, 'egress'), hop);
      const [{ from, to } = { from: undefined, to: undefined }] = probe.takeHops();
      assert.deepEqual([from?.tunnel, to?.tunnel], [tunnel, undefined]);
      assert.deepEqual([from?.source, from?.destination], endsOf(inside));
    });
  }

  it('over IPv6 does not lend its addresses to the next message in its slot', () => {
    using probe = new KernelProbe({ tableSlots: 4 });
    for (const inside of [inside4, ipv4(PROTOCOL.tcp, tcp(traced, { sequence: 2000 }))]) {
      const outer =
        inside === inside4 ? { ...ends6 } : { source: ends6.destination, destination: ends6.source };
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

function endsOf(inside: Buffer): { address: string; port: number }[] {
  const addresses = inside === frame4 ? ['10.0.0.1', '10.0.1.2'] : ['fd00::1', 'fd01::2'];
  return [40_000, 8080].map((port, i) => ({ address: addresses[i] ?? '', port }));
}

describe('a packet with headers in front of TCP', { skip }, () => {
  const chain = (headers: number): Buffer =>
    headers === 0 ? segment : extension(headers === 1 ? 6 : 60, 8, 0, chain(headers - 1));
  const nest = (tunnels: number): Buffer =>
    tunnels === 0 ? inside4 : ipv4(PROTOCOL.gre, gre(ETHER.ipv4, nest(tunnels - 1)));
  const jumbo = Buffer.from([PROTOCOL.tcp, 0, 0xc2, 4, 0, 0, 0, 0, ...segment]);
  jumbo.writeUInt32BE(jumbo.length, 4);

  const cases: [what: string, packet: Buffer, raised: Record<string, number>][] = [
    ['IPv6', frame6, first],
    ['six extension headers', ethernet(ETHER.ipv6, ipv6(60, chain(6))), first],
    ['seven extension headers', ethernet(ETHER.ipv6, ipv6(60, chain(7))), { malformed: 1 }],
    [
      'an extension beyond the packet',
      ethernet(ETHER.ipv6, ipv6(60, extension(6, 8, 255, segment))),
      { malformed: 1 },
    ],
    ['the first fragment of IPv6', ethernet(ETHER.ipv6, ipv6(44, fragment(6, 1, segment))), first],
    ['a later fragment of IPv6', ethernet(ETHER.ipv6, ipv6(44, fragment(6, 9, segment))), { fragment: 1 }],
    ['a jumbogram', ethernet(ETHER.ipv6, ipv6(0, jumbo, { payloadLength: 0 })), first],
    ['IPv6 of BIG TCP', ethernet(ETHER.ipv6, ipv6(6, segment, { payloadLength: 0 })), first],
    [
      'a payload beyond the frame',
      ethernet(ETHER.ipv6, ipv6(6, segment, { payloadLength: 9000 })),
      { malformed: 1 },
    ],
    ['an encrypted payload', ethernet(ETHER.ipv6, ipv6(50, segment)), { esp: 1 }],
    [
      'a third VLAN tag',
      ethernet(0x88a8, tag(0x8100, tag(0x8100, tag(0x0800, inside4)))),
      { other_protocol: 1 },
    ],
    ['two tunnels', ethernet(ETHER.ipv4, nest(2)), first],
    ['three tunnels', ethernet(ETHER.ipv4, nest(3)), { tunnels_nested: 1 }],
    ['GRE of version 1', over4(PROTOCOL.gre, gre(ETHER.ipv4, inside4, { version: 1 })), { gre_other: 1 }],
    ['GRE around ERSPAN', over4(PROTOCOL.gre, gre(0x88be, inside4)), { other_protocol: 1 }],
    ['Geneve around IP', over4(PROTOCOL.udp, geneve(inside4, { protocol: ETHER.ipv4 })), { geneve_other: 1 }],
    ['an inner packet that was cut', over4(PROTOCOL.ipv4, inside4.subarray(0, -1)), { malformed: 1 }],
    [
      'a later fragment of a tunnel',
      ethernet(ETHER.ipv4, ipv4(4, inside4, { fragment: 0x2001 })),
      { fragment: 1 },
    ],
  ];
  for (const [what, packet, raised] of cases) {
    it(`counts ${what}`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(packet), raised);
    });
  }
});

describe('a device without Ethernet headers', { skip }, () => {
  // 8.0 is 0x0800: see KernelProbe.show().
  const ipv4Alone = { source: '8.0.0.1', destination: '10.0.1.2' };
  const ipv6Alone = { source: '2001:db8:86dd:0:0:0:0:1', destination: '2001:db8:0:0:0:0:0:2' };
  const cases: [what: string, packet: Buffer, tunnel: Tunnel['type'] | undefined, address: string][] = [
    ['IPv4', ipv4(PROTOCOL.tcp, segment, ipv4Alone), undefined, '8.0.0.1'],
    ['IPv6', ipv6(PROTOCOL.tcp, segment, ipv6Alone), undefined, '2001:db8:86dd::1'],
    ['IPIP', ipv4(PROTOCOL.ipv4, inside4, ipv4Alone), 'ipip', '10.0.0.1'],
    ['VXLAN over IPv6', ipv6(PROTOCOL.udp, vxlan(frame4), ipv6Alone), 'vxlan', '10.0.0.1'],
  ];
  for (const [what, packet, tunnel, address] of cases) {
    it(`shows packets that begin with ${what}`, () => {
      using probe = new KernelProbe();
      assert.deepEqual(probe.show(packet, 'ingress', 'none'), first);
      assert.deepEqual(probe.show(packet, 'egress', 'none'), hop);
      const [hopped] = probe.takeHops();
      assert.deepEqual([hopped?.to.tunnel?.type, hopped?.to.source.address], [tunnel, address]);
    });
  }

  it('shares messages with one that has them', () => {
    using probe = new KernelProbe();
    assert.deepEqual(probe.show(over4(PROTOCOL.ipv4, inside4), 'ingress'), first);
    const translated = ipv4(PROTOCOL.tcp, segment, ipv4Alone);
    assert.deepEqual(probe.show(translated, 'egress', 'none'), hop);
  });

  it('has nothing to say of a frame', () => {
    using probe = new KernelProbe();
    assert.deepEqual(probe.show(frame4, 'ingress', 'none'), { malformed: 1 });
  });
});
