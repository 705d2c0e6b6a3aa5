// SPDX-License-Identifier: Apache-2.0
// One traced request in every encapsulation that is followed.
import type { Tunnel } from '@hopspan/core';
import { ETHER, ethernet, extension, geneve, gre, ipv4, ipv6, PROTOCOL, tag, tcp, vxlan } from './layers.ts';
import { request } from './packet.ts';

export const traced = request('traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
export const segment = tcp(traced);
export const inside4 = ipv4(PROTOCOL.tcp, segment);
const inside6 = ipv6(PROTOCOL.tcp, segment);
export const frame4 = ethernet(ETHER.ipv4, inside4);
export const frame6 = ethernet(ETHER.ipv6, inside6);

const ends4 = { source: '192.168.0.1', destination: '192.168.0.2' };
export const ends6 = { source: 'fe80:0:0:0:0:0:0:a', destination: 'fe80:0:0:0:0:0:0:b' };
export const over4 = (protocol: number, inside: Buffer) =>
  ethernet(ETHER.ipv4, ipv4(protocol, inside, ends4));
const over6 = (next: number, inside: Buffer) => ethernet(ETHER.ipv6, ipv6(next, inside, ends6));
const outer4 = { sourceAddress: '192.168.0.1', destinationAddress: '192.168.0.2' };
export const outer6 = { sourceAddress: 'fe80::a', destinationAddress: 'fe80::b' };

/** What is wrapped, in what, and what is said about the tunnel. */
export const wrappings: [what: string, inside: Buffer, wrapped: Buffer, tunnel: Tunnel | undefined][] = [
  ['a VLAN', frame4, ethernet(ETHER.vlan, tag(ETHER.ipv4, inside4)), undefined],
  ['QinQ', frame6, ethernet(ETHER.qinq, tag(ETHER.vlan, tag(ETHER.ipv6, inside6))), undefined],
  [
    'IPv4 with options',
    frame4,
    ethernet(ETHER.ipv4, ipv4(PROTOCOL.tcp, segment, { options: 40 })),
    undefined,
  ],
  [
    'IPv6 with a chain',
    frame6,
    ethernet(
      ETHER.ipv6,
      ipv6(0, extension(PROTOCOL.ah, 16, 1, extension(PROTOCOL.options, 24, 4, extension(6, 8, 0, segment)))),
    ),
    undefined,
  ],
  [
    'VXLAN over IPv4',
    frame6,
    over4(PROTOCOL.udp, vxlan(frame6, { vni: 0 })),
    { type: 'vxlan', id: 0, ...outer4 },
  ],
  [
    'VXLAN over IPv6',
    frame4,
    over6(PROTOCOL.udp, vxlan(frame4, { vni: 0xff_ffff, port: 4789 })),
    { type: 'vxlan', id: 0xff_ffff, ...outer6 },
  ],
  [
    'Geneve with options',
    frame4,
    over6(PROTOCOL.udp, geneve(frame4, { vni: 7, options: 252 })),
    { type: 'geneve', id: 7, ...outer6 },
  ],
  ['GRE', frame4, over4(PROTOCOL.gre, gre(ETHER.ipv4, inside4)), { type: 'gre', ...outer4 }],
  [
    'GRE with everything',
    frame6,
    over6(PROTOCOL.gre, gre(ETHER.ipv6, inside6, { checksum: true, key: 0xffff_ffff, sequence: true })),
    { type: 'gre', id: 0xffff_ffff, ...outer6 },
  ],
  ['GRE around Ethernet', frame4, over4(PROTOCOL.gre, gre(ETHER.teb, frame4)), { type: 'gre', ...outer4 }],
  ['IPIP', frame4, over4(PROTOCOL.ipv4, inside4), { type: 'ipip', ...outer4 }],
  ['IP6IP6', frame6, over6(PROTOCOL.ipv6, inside6), { type: 'ip6ip6', ...outer6 }],
  ['6in4', frame6, over4(PROTOCOL.ipv6, inside6), { type: '6in4', ...outer4 }],
  ['4in6', frame4, over6(PROTOCOL.ipv4, inside4), { type: '4in6', ...outer6 }],
  [
    'VXLAN in a VLAN over IPv6',
    frame4,
    ethernet(ETHER.vlan, tag(ETHER.ipv6, ipv6(PROTOCOL.udp, vxlan(frame4), ends6))),
    { type: 'vxlan', id: 1, ...outer6 },
  ],
  [
    'GRE in IPIP',
    frame4,
    over4(PROTOCOL.ipv4, ipv4(PROTOCOL.gre, gre(ETHER.ipv4, inside4, { key: 5 }))),
    { type: 'ipip', ...outer4 },
  ],
];
