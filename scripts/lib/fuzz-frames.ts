// SPDX-License-Identifier: Apache-2.0
// Seeds of the frame fuzzer: one frame for every way there is through bpf/parse/stack.h, made from headers by hand.

type Bytes = Buffer;

const teb = 0x6558;
const ip = 0x0800;
const ip6 = 0x86dd;

const concat = (...parts: Bytes[]): Bytes => Buffer.concat(parts);
const hex = (text: string): Bytes => Buffer.from(text.replaceAll(' ', ''), 'hex');
const u16 = (value: number): Bytes => hex(value.toString(16).padStart(4, '0'));

const payload = Buffer.from('GET / HTTP/1.1\r\n\r\n');
const tcpOptions = hex('0101080a0000000100000002');

function tcp(options = hex('')): Bytes {
  const words = 5 + options.length / 4;
  return concat(
    hex('9c40 1f90 00001000 00000000'),
    u16((words << 12) | 0x18),
    hex('ffff 0000 0000'),
    options,
    payload,
  );
}

function ethernet(type: number, inside: Bytes): Bytes {
  return concat(hex('020000000001 020000000002'), u16(type), inside);
}

const vlan = (type: number, inside: Bytes): Bytes => concat(u16(5), u16(type), inside);

function ipv4(protocol: number, inside: Bytes, { options = hex(''), fragment = 0, total = -1 } = {}): Bytes {
  const size = 20 + options.length;
  const head = concat(u16(0x4000 | ((size / 4) << 8)), u16(total < 0 ? size + inside.length : total));
  return concat(
    head,
    u16(1),
    u16(fragment),
    u16((64 << 8) | protocol),
    u16(0),
    hex('0a000001 0a000102'),
    options,
    inside,
  );
}

function ipv6(next: number, inside: Bytes, payloadLength = inside.length): Bytes {
  const addresses = hex('fd00000000000000 0000000000000001 fd00000000000000 0000000000000002');
  return concat(hex('60000000'), u16(payloadLength), u16((next << 8) | 64), addresses, inside);
}

/** An IPv6 extension header of eight bytes. */
const extension = (next: number, inside: Bytes): Bytes => concat(u16(next << 8), hex('010400000000'), inside);
const ipv6Fragment = (next: number, offset: number, inside: Bytes): Bytes =>
  concat(u16(next << 8), u16(offset), hex('00000001'), inside);
const authentication = (next: number, inside: Bytes): Bytes =>
  concat(u16((next << 8) | 4), hex('0000 00000001 00000001 0102030405060708 090a0b0c'), inside);

const udp = (port: number, inside: Bytes): Bytes =>
  concat(u16(50_000), u16(port), u16(8 + inside.length), u16(0), inside);
const vxlan = (inside: Bytes, port = 8472): Bytes => udp(port, concat(hex('08000000 12345600'), inside));
const geneve = (inside: Bytes, options = hex('')): Bytes =>
  udp(6081, concat(u16((options.length / 4) << 8), u16(teb), hex('12345600'), options, inside));
const gre = (flags: number, type: number, inside: Bytes, fields = ''): Bytes =>
  concat(u16(flags), u16(type), hex(fields), inside);

const plain = ipv4(6, tcp());
const plain6 = ipv6(6, tcp());
const frame = ethernet(ip, plain);

const frames: Readonly<Record<string, Bytes>> = {
  plain: frame,
  'ipv4-options': ethernet(ip, ipv4(6, tcp(tcpOptions), { options: hex('01010101 94040000') })),
  'ipv4-fragment': ethernet(ip, ipv4(6, tcp(), { fragment: 0x2001 })),
  'ipv4-big-tcp': ethernet(ip, ipv4(6, tcp(), { total: 0 })),
  'ipv4-padded': concat(ethernet(ip, ipv4(6, tcp())), Buffer.alloc(16, 0x55)),
  'ipv4-truncated': frame.subarray(0, 50),
  ipv6: ethernet(ip6, plain6),
  'ipv6-big-tcp': ethernet(ip6, ipv6(6, tcp(), 0)),
  'ipv6-extensions': ethernet(
    ip6,
    ipv6(0, extension(60, extension(43, extension(51, authentication(6, tcp()))))),
  ),
  'ipv6-first-fragment': ethernet(ip6, ipv6(44, ipv6Fragment(6, 1, tcp()))),
  'ipv6-later-fragment': ethernet(ip6, ipv6(44, ipv6Fragment(6, 0x0101, tcp()))),
  'ipv6-no-next': ethernet(ip6, ipv6(59, hex(''))),
  vlan: ethernet(0x8100, vlan(ip, plain)),
  qinq: ethernet(0x88a8, vlan(0x8100, vlan(ip6, plain6))),
  vxlan: ethernet(ip, ipv4(17, vxlan(frame))),
  'vxlan-in-vlan-in-ipv6': ethernet(0x8100, vlan(ip6, ipv6(17, vxlan(ethernet(ip6, plain6), 4789)))),
  geneve: ethernet(ip, ipv4(17, geneve(frame))),
  'geneve-options': ethernet(ip6, ipv6(17, geneve(frame, hex('0102800101020304')))),
  dns: ethernet(ip, ipv4(17, udp(53, payload))),
  gre: ethernet(ip, ipv4(47, gre(0, ip, plain))),
  'gre-all-fields': ethernet(ip, ipv4(47, gre(0xb000, ip6, plain6, '00000000 00001234 00000001'))),
  'gre-teb': ethernet(ip6, ipv6(47, gre(0x2000, teb, frame, '00001234'))),
  'gre-pptp': ethernet(ip, ipv4(47, gre(0x3001, 0x880b, payload))),
  ipip: ethernet(ip, ipv4(4, plain)),
  ip6ip6: ethernet(ip6, ipv6(41, plain6)),
  '6in4': ethernet(ip, ipv4(41, plain6)),
  '4in6': ethernet(ip6, ipv6(4, plain)),
  'two-tunnels': ethernet(ip, ipv4(4, ipv4(17, vxlan(frame)))),
  'three-tunnels': ethernet(ip, ipv4(4, ipv4(4, ipv4(4, plain)))),
  arp: ethernet(0x0806, hex('0001080006040001')),
};

/** What the frame begins with: an index into types[] of bpf/fuzz/fuzz_stack.c. */
const kind = { ethernet: 0, ipv4: 1, ipv6: 2 };

/** Names and bytes of the inputs: see bpf/fuzz/fuzz_stack.c for their layout. */
export function makeStackSeeds(): Map<string, Bytes> {
  const seeds = new Map<string, Bytes>();
  const add = (name: string, first: number, linear: number, bytes: Bytes) => {
    const head = Buffer.alloc(3);
    head.writeUInt8(first, 0);
    head.writeUInt16LE(linear, 1);
    seeds.set(name, concat(head, bytes));
  };
  for (const [name, bytes] of Object.entries(frames))
    add(name, kind.ethernet, Math.min(66, bytes.length), bytes);
  add('l3-ipv4', kind.ipv4, 0, plain);
  add('l3-ipv6', kind.ipv6, 40, plain6);
  add('l3-ipip', kind.ipv4, 20, ipv4(4, plain));
  return seeds;
}
