// SPDX-License-Identifier: Apache-2.0
// The corpus of packets: one of each kind that is followed, and of each that must be counted. The files in
// test/fixtures/packets are made from it by scripts/update-packets.ts; tests read those.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
import { request, tcpFrame, vxlanFrame } from './packet.ts';
import { fromPcap, toPcap } from './pcap.ts';

const value = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
/** The request that most of the packets carry. */
export const traced = request(`traceparent: ${value}`);
/** Ends of the tunnels. */
const ends4 = { source: '192.168.0.1', destination: '192.168.0.2' };
export const ends6 = { source: 'fe80:0:0:0:0:0:0:a', destination: 'fe80:0:0:0:0:0:0:b' };

const segment = tcp(traced);
const inside4 = ipv4(PROTOCOL.tcp, segment);
const inside6 = ipv6(PROTOCOL.tcp, segment);
const frame4 = ethernet(ETHER.ipv4, inside4);
const frame6 = ethernet(ETHER.ipv6, inside6);
const over4 = (protocol: number, inside: Buffer) => ethernet(ETHER.ipv4, ipv4(protocol, inside, ends4));
const over6 = (next: number, inside: Buffer) => ethernet(ETHER.ipv6, ipv6(next, inside, ends6));
const chain = (headers: number): Buffer =>
  headers === 0 ? segment : extension(headers === 1 ? 6 : 60, 8, 0, chain(headers - 1));
const nest = (tunnels: number): Buffer =>
  tunnels === 0 ? inside4 : ipv4(PROTOCOL.gre, gre(ETHER.ipv4, nest(tunnels - 1)));
const jumbo = Buffer.from([PROTOCOL.tcp, 0, 0xc2, 4, 0, 0, 0, 0, ...segment]);
jumbo.writeUInt32BE(jumbo.length, 4);

/** What TCP carries. */
const payloads: Readonly<Record<string, Buffer>> = {
  'a traced request': tcpFrame(traced),
  'a traced request in VXLAN': vxlanFrame(tcpFrame(traced)),
  'VXLAN on the other default port': vxlanFrame(tcpFrame(traced), { port: 4789 }),
  'VXLAN on a port that was not configured': vxlanFrame(tcpFrame(traced), { port: 4790 }),
  'an unsampled request': tcpFrame(request(`traceparent: ${value.replace(/01$/, '00')}`)),
  'a request without context': tcpFrame(request()),
  'a version that is reserved': tcpFrame(request(`traceparent: ff${value.slice(2)}`)),
  'two contexts': tcpFrame(request(`traceparent: ${value}`, `traceparent: ${value}`)),
  'a header that goes on': tcpFrame('GET / HTTP/1.1\r\nhost: exam'),
  'a context behind 600 bytes': tcpFrame(request(`cookie: ${'x'.repeat(600)}`, `traceparent: ${value}`)),
  'a response': tcpFrame('HTTP/1.1 200 OK\r\n\r\n'),
  'a TLS record': tcpFrame(Buffer.from('16030101000100000000', 'hex')),
  'an HTTP/2 preface': tcpFrame('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'something else': tcpFrame('SSH-2.0-OpenSSH'),
  'less than a word': tcpFrame('SSH'),
  'the beginning of a method': tcpFrame('GET'),
  'a bare acknowledgement': tcpFrame(''),
};

/** What is not TCP, or not as it should be. */
const oddities: Readonly<Record<string, Buffer>> = {
  'a datagram': tcpFrame(traced, { protocol: 17 }),
  ARP: tcpFrame('', { etherType: 0x0806 }),
  LLDP: tcpFrame('', { etherType: 0x88cc }),
  'a later fragment': tcpFrame(traced, { fragment: 0x2001 }),
  'a length beyond the frame': tcpFrame(traced, { totalLength: 9000 }),
  'a TCP header beyond the packet': tcpFrame('', { dataOffset: 15 }),
  'the length of BIG TCP': tcpFrame(traced, { totalLength: 0 }),
};

/** One request in every encapsulation. */
const wrapped: Readonly<Record<string, Buffer>> = {
  IPv4: frame4,
  IPv6: frame6,
  'a VLAN': ethernet(ETHER.vlan, tag(ETHER.ipv4, inside4)),
  QinQ: ethernet(ETHER.qinq, tag(ETHER.vlan, tag(ETHER.ipv6, inside6))),
  'IPv4 with options': ethernet(ETHER.ipv4, ipv4(PROTOCOL.tcp, segment, { options: 40 })),
  'IPv6 with a chain': ethernet(
    ETHER.ipv6,
    ipv6(0, extension(PROTOCOL.ah, 16, 1, extension(PROTOCOL.options, 24, 4, extension(6, 8, 0, segment)))),
  ),
  'VXLAN over IPv4': over4(PROTOCOL.udp, vxlan(frame6, { vni: 0 })),
  'VXLAN over IPv6': over6(PROTOCOL.udp, vxlan(frame4, { vni: 0xff_ffff, port: 4789 })),
  'Geneve with options': over6(PROTOCOL.udp, geneve(frame4, { vni: 7, options: 252 })),
  GRE: over4(PROTOCOL.gre, gre(ETHER.ipv4, inside4)),
  'GRE with everything': over6(
    PROTOCOL.gre,
    gre(ETHER.ipv6, inside6, { checksum: true, key: 0xffff_ffff, sequence: true }),
  ),
  'GRE around Ethernet': over4(PROTOCOL.gre, gre(ETHER.teb, frame4)),
  IPIP: over4(PROTOCOL.ipv4, inside4),
  IP6IP6: over6(PROTOCOL.ipv6, inside6),
  '6in4': over4(PROTOCOL.ipv6, inside6),
  '4in6': over6(PROTOCOL.ipv4, inside4),
  'VXLAN in a VLAN over IPv6': ethernet(
    ETHER.vlan,
    tag(ETHER.ipv6, ipv6(PROTOCOL.udp, vxlan(frame4), ends6)),
  ),
  'GRE in IPIP': over4(PROTOCOL.ipv4, ipv4(PROTOCOL.gre, gre(ETHER.ipv4, inside4, { key: 5 }))),
};

/** Headers in front of TCP, up to their limits and beyond. */
const headers: Readonly<Record<string, Buffer>> = {
  'six extension headers': ethernet(ETHER.ipv6, ipv6(60, chain(6))),
  'seven extension headers': ethernet(ETHER.ipv6, ipv6(60, chain(7))),
  'an extension beyond the packet': ethernet(ETHER.ipv6, ipv6(60, extension(6, 8, 255, segment))),
  'the first fragment of IPv6': ethernet(ETHER.ipv6, ipv6(44, fragment(6, 1, segment))),
  'a later fragment of IPv6': ethernet(ETHER.ipv6, ipv6(44, fragment(6, 9, segment))),
  'a jumbogram': ethernet(ETHER.ipv6, ipv6(0, jumbo, { payloadLength: 0 })),
  'IPv6 of BIG TCP': ethernet(ETHER.ipv6, ipv6(6, segment, { payloadLength: 0 })),
  'a payload beyond the frame': ethernet(ETHER.ipv6, ipv6(6, segment, { payloadLength: 9000 })),
  'an encrypted payload': ethernet(ETHER.ipv6, ipv6(50, segment)),
  'a third VLAN tag': ethernet(0x88a8, tag(0x8100, tag(0x8100, tag(0x0800, inside4)))),
  'two tunnels': ethernet(ETHER.ipv4, nest(2)),
  'three tunnels': ethernet(ETHER.ipv4, nest(3)),
  'GRE of version 1': over4(PROTOCOL.gre, gre(ETHER.ipv4, inside4, { version: 1 })),
  'GRE around ERSPAN': over4(PROTOCOL.gre, gre(0x88be, inside4)),
  'Geneve around IP': over4(PROTOCOL.udp, geneve(inside4, { protocol: ETHER.ipv4 })),
  'an inner packet that was cut': over4(PROTOCOL.ipv4, inside4.subarray(0, -1)),
  'a later fragment of a tunnel': ethernet(ETHER.ipv4, ipv4(4, inside4, { fragment: 0x2001 })),
};

// 8.0 is 0x0800: see KernelProbe.show().
const alone4 = { source: '8.0.0.1', destination: '10.0.1.2' };
const alone6 = { source: '2001:db8:86dd:0:0:0:0:1', destination: '2001:db8:0:0:0:0:0:2' };
/** As devices without Ethernet headers have them. */
const alone: Readonly<Record<string, Buffer>> = {
  'IPv4 without Ethernet': ipv4(PROTOCOL.tcp, segment, alone4),
  'IPv6 without Ethernet': ipv6(PROTOCOL.tcp, segment, alone6),
  'IPIP without Ethernet': ipv4(PROTOCOL.ipv4, inside4, alone4),
  'VXLAN over IPv6 without Ethernet': ipv6(PROTOCOL.udp, vxlan(frame4), alone6),
};

/** The files of the corpus by name. */
export function makePacketFiles(): Map<string, Buffer> {
  const frames = Object.entries({ ...payloads, ...oddities, ...wrapped, ...headers });
  return new Map([
    ...frames.map(([what, packet]) => [fileOf(what), toPcap(packet, 'ethernet')] as const),
    ...Object.entries(alone).map(([what, packet]) => [fileOf(what), toPcap(packet, 'none')] as const),
  ]);
}

/** Where the files are. */
export const packetFolder = fileURLToPath(new URL('../fixtures/packets/', import.meta.url));

/** A packet of the corpus, read from its file. */
export function readPacket(what: string): Buffer {
  return fromPcap(readFileSync(`${packetFolder}${fileOf(what)}`));
}

function fileOf(what: string): string {
  return `${what.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.pcap`;
}
