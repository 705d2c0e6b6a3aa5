// SPDX-License-Identifier: Apache-2.0
// One header each, in front of what is inside it; made by hand, after the RFCs and none of the parsers. Byte order is
// the network's.

export const ETHER = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, vlan: 0x8100, qinq: 0x88a8, teb: 0x6558 };
export const PROTOCOL = {
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  ah: 51,
  options: 60,
};

/** Bytes of a text, IPv4 by dots, IPv6 in full without `::`. */
function addressBytes(text: string): Buffer {
  if (text.includes('.')) return Buffer.from(text.split('.').map(Number));
  return Buffer.from(
    text
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}

export function ethernet(type: number, inside: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header.writeUInt16BE(type, 12);
  return Buffer.concat([header, inside]);
}

/** A VLAN tag; the header in front of it says which kind it is. */
export function tag(type: number, inside: Buffer): Buffer {
  const header = Buffer.from([0x20, 0x07, 0, 0]);
  header.writeUInt16BE(type, 2);
  return Buffer.concat([header, inside]);
}

export interface Ipv4Fields {
  readonly source?: string;
  readonly destination?: string;
  /** Flags and fragment offset. Default: 0. */
  readonly fragment?: number;
  /** Default: the true one. */
  readonly totalLength?: number;
  /** Bytes of options. Default: 0. */
  readonly options?: number;
}

export function ipv4(protocol: number, inside: Buffer, fields: Ipv4Fields = {}): Buffer {
  const { source = '10.0.0.1', destination = '10.0.1.2', fragment = 0, options = 0 } = fields;
  const header = Buffer.alloc(20 + options, 1);
  header.fill(0, 0, 20);
  header.writeUInt8(0x45 + options / 4, 0);
  header.writeUInt16BE(fields.totalLength ?? header.length + inside.length, 2);
  header.writeUInt16BE(fragment, 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  addressBytes(source).copy(header, 12);
  addressBytes(destination).copy(header, 16);
  return Buffer.concat([header, inside]);
}

export interface Ipv6Fields {
  readonly source?: string;
  readonly destination?: string;
  /** Default: the true one. */
  readonly payloadLength?: number;
}

export function ipv6(next: number, inside: Buffer, fields: Ipv6Fields = {}): Buffer {
  const { source = 'fd00:0:0:0:0:0:0:1', destination = 'fd01:0:0:0:0:0:0:2' } = fields;
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(fields.payloadLength ?? inside.length, 4);
  header.writeUInt8(next, 6);
  header.writeUInt8(64, 7);
  addressBytes(source).copy(header, 8);
  addressBytes(destination).copy(header, 24);
  return Buffer.concat([header, inside]);
}

/** An extension header of IPv6: its length byte and its size as they are given. */
export function extension(next: number, size: number, length: number, inside: Buffer): Buffer {
  const header = Buffer.alloc(size);
  header.writeUInt8(next, 0);
  header.writeUInt8(length, 1);
  return Buffer.concat([header, inside]);
}

export function fragment(next: number, offsetAndFlags: number, inside: Buffer): Buffer {
  const bytes = extension(next, 8, 0, inside);
  bytes.writeUInt16BE(offsetAndFlags, 2);
  return bytes;
}

function udp(port: number, inside: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(50_000, 0);
  header.writeUInt16BE(port, 2);
  header.writeUInt16BE(8 + inside.length, 4);
  return Buffer.concat([header, inside]);
}

/** Around an Ethernet frame, UDP included. */
export function vxlan(inside: Buffer, { port = 8472, vni = 1 } = {}): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(0x08, 0);
  header.writeUIntBE(vni, 4, 3);
  return udp(port, Buffer.concat([header, inside]));
}

/** Around an Ethernet frame, UDP included. */
export function geneve(inside: Buffer, { vni = 1, options = 0, protocol = ETHER.teb } = {}): Buffer {
  const header = Buffer.alloc(8 + options);
  header.writeUInt8(options / 4, 0);
  header.writeUInt16BE(protocol, 2);
  header.writeUIntBE(vni, 4, 3);
  return udp(6081, Buffer.concat([header, inside]));
}

/** With the fields that are given. */
export function gre(
  type: number,
  inside: Buffer,
  { checksum = false, sequence = false, key, version = 0 }: GreFields = {},
): Buffer {
  const fields = Buffer.alloc(16);
  let size = 4;
  if (checksum) size += 4;
  if (key !== undefined) size = fields.writeUInt32BE(key, size);
  if (sequence) size += 4;
  const flags = (checksum ? 0x8000 : 0) | (key === undefined ? 0 : 0x2000) | (sequence ? 0x1000 : 0);
  fields.writeUInt16BE(flags | version, 0);
  fields.writeUInt16BE(type, 2);
  return Buffer.concat([fields.subarray(0, size), inside]);
}

export interface GreFields {
  readonly checksum?: boolean;
  readonly sequence?: boolean;
  readonly key?: number;
  readonly version?: number;
}

/** From port 40000 to 8080. */
export interface TcpFields {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  /** Control bits. Default: ACK and PSH. */
  readonly flags?: number;
  /** Bytes of the header in words of four. Default: 5. */
  readonly dataOffset?: number;
}

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 };

export function tcp(payload: Buffer | string, fields: TcpFields = {}): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(fields.sourcePort ?? 40_000, 0);
  header.writeUInt16BE(fields.destinationPort ?? 8080, 2);
  header.writeUInt32BE((fields.sequence ?? 1000) >>> 0, 4);
  header.writeUInt32BE((fields.acknowledgment ?? 0) >>> 0, 8);
  header.writeUInt8((fields.dataOffset ?? 5) << 4, 12);
  header.writeUInt8(fields.flags ?? 0x18, 13);
  return Buffer.concat([header, Buffer.from(payload)]);
}
