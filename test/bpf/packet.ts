// SPDX-License-Identifier: Apache-2.0
// Frames as most tests want them. What stands in them: layers.ts.
import { ETHER, ethernet, type Ipv4Fields, ipv4, PROTOCOL, type TcpFields, tcp, vxlan } from './layers.ts';

/** Fields of a frame; what is not given is as a well-formed packet has it. */
export interface PacketFields extends Ipv4Fields, TcpFields {
  readonly protocol?: number;
  readonly etherType?: number;
}

/** Ethernet, IPv4, TCP, payload. */
export function tcpFrame(payload: Buffer | string, fields: PacketFields = {}): Buffer {
  const { protocol = PROTOCOL.tcp, etherType = ETHER.ipv4 } = fields;
  return ethernet(etherType, ipv4(protocol, tcp(payload, fields), fields));
}

/** A frame inside of VXLAN over IPv4 and Ethernet. */
export function vxlanFrame(inner: Buffer, fields: { port?: number; vni?: number } = {}): Buffer {
  return ethernet(ETHER.ipv4, ipv4(PROTOCOL.udp, vxlan(inner, fields)));
}

/** A request with these header lines. */
export function request(...lines: string[]): string {
  return `${['GET /path HTTP/1.1', 'host: example', ...lines].join('\r\n')}\r\n\r\n`;
}
