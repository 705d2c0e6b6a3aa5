// SPDX-License-Identifier: Apache-2.0

/** A TCP segment, perhaps one of many in a train, with the addresses of its own IP header. */
export interface Segment {
  /** `address:port`; IPv6 addresses as the kernel prints them, without brackets. */
  readonly source: string;
  readonly destination: string;
  readonly sequence: number;
  readonly payload: Buffer;
  /** Headers around the innermost IP header: `['IPv4', 'UDP 8472']`; empty without encapsulation. */
  readonly wrapping: readonly string[];
}

const ETHERNET = 0x6558;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN = [0x8100, 0x88a8];
const TCP = 6;
const UDP = 17;
const IP_IN_IP: Readonly<Record<number, number>> = { 4: IPV4, 41: IPV6 };
const UDP_HEADER = 8;
const VXLAN_PORTS = [4789, 8472];
const HOP_BY_HOP = 0;

/** The segment in a packet of this EtherType, within VXLAN and IP in IP too; undefined when there is none. */
export function findSegment(
  packet: Buffer,
  type: number,
  wrapping: readonly string[] = [],
): Segment | undefined {
  if (packet.length < 20) return undefined;
  if (type === ETHERNET) return findSegment(packet.subarray(14), packet.readUInt16BE(12), wrapping);
  if (VLAN.includes(type)) return findSegment(packet.subarray(4), packet.readUInt16BE(2), wrapping);
  if (type === IPV4) {
    const header = (packet.readUInt8(0) & 0x0f) * 4;
    const ends = { source: ipv4(packet, 12), destination: ipv4(packet, 16) };
    return findInIp(packet.subarray(header), packet.readUInt8(9), ends, [...wrapping, 'IPv4']);
  }
  if (type !== IPV6 || packet.length < 48) return undefined;
  const ends = { source: ipv6(packet, 8), destination: ipv6(packet, 24) };
  const next = packet.readUInt8(6);
  // Linux before 6.19 gives a BIG TCP packet a jumbo header (RFC 2675), which tcpdump's taps see.
  if (next !== HOP_BY_HOP) return findInIp(packet.subarray(40), next, ends, [...wrapping, 'IPv6']);
  const length = (packet.readUInt8(41) + 1) * 8;
  return findInIp(packet.subarray(40 + length), packet.readUInt8(40), ends, [...wrapping, 'IPv6']);
}

function findInIp(
  packet: Buffer,
  protocol: number,
  ends: { readonly source: string; readonly destination: string },
  wrapping: readonly string[],
): Segment | undefined {
  if (packet.length < 20) return undefined;
  const inner = IP_IN_IP[protocol];
  if (inner !== undefined) return findSegment(packet, inner, wrapping);
  const port = packet.readUInt16BE(2);
  if (protocol === UDP && VXLAN_PORTS.includes(port)) {
    return findSegment(packet.subarray(UDP_HEADER + 8), ETHERNET, [...wrapping, `UDP ${port}`]);
  }
  if (protocol !== TCP) return undefined;
  return {
    source: `${ends.source}:${packet.readUInt16BE(0)}`,
    destination: `${ends.destination}:${port}`,
    sequence: packet.readUInt32BE(4),
    payload: packet.subarray((packet.readUInt8(12) >> 4) * 4),
    wrapping: wrapping.slice(0, -1),
  };
}

function ipv4(packet: Buffer, at: number): string {
  return [...packet.subarray(at, at + 4)].join('.');
}

function ipv6(packet: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => packet.readUInt16BE(at + 2 * i).toString(16));
  // The WHATWG URL parser prints addresses by RFC 5952.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
