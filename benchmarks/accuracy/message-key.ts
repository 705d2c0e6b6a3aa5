// SPDX-License-Identifier: Apache-2.0
// What tcpdump saw is read here with nothing of Hopspan's: not its parsers, not its ABI.

/** What makes a message itself wherever it is seen: its context and its place in the TCP stream. */
export function formatKey(traceId: string, spanId: string, streamPosition: number): string {
  return `${traceId}-${spanId}@${streamPosition}`;
}

const ETHERNET_HEADER = 14;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const UDP_HEADER = 8;
const VXLAN_HEADER = 8;

interface Segment {
  readonly sequence: number;
  readonly payload: Buffer;
}

/**
 * Key of the request that begins in this Ethernet frame, inside of VXLAN on `vxlanPort` too; undefined
 * when there is none with a trace context. Its position is that of the first character of the context.
 */
export function findKey(frame: Buffer, vxlanPort: number): string | undefined {
  const segment = findSegment(frame, vxlanPort);
  if (segment === undefined) return undefined;
  const text = segment.payload.toString('latin1');
  const match = /\r\ntraceparent:[ \t]*(00-([0-9a-f]{32})-([0-9a-f]{16})-01)\r\n/i.exec(text);
  const [, value, traceId, spanId] = match ?? [];
  if (match === null || value === undefined || traceId === undefined || spanId === undefined)
    return undefined;
  const offset = match.index + match[0].indexOf(value);
  return formatKey(traceId, spanId, (segment.sequence + offset) >>> 0);
}

function findSegment(frame: Buffer, vxlanPort: number): Segment | undefined {
  if (frame.length < ETHERNET_HEADER + 40 || frame.readUInt16BE(12) !== ETHERTYPE_IPV4) return undefined;
  const ip = ETHERNET_HEADER;
  const transport = ip + (frame.readUInt8(ip) & 0x0f) * 4;
  const protocol = frame.readUInt8(ip + 9);
  if (protocol === PROTOCOL_UDP && frame.readUInt16BE(transport + 2) === vxlanPort) {
    return findSegment(frame.subarray(transport + UDP_HEADER + VXLAN_HEADER), vxlanPort);
  }
  if (protocol !== PROTOCOL_TCP) return undefined;
  const payload = transport + (frame.readUInt8(transport + 12) >> 4) * 4;
  return { sequence: frame.readUInt32BE(transport + 4), payload: frame.subarray(payload) };
}
