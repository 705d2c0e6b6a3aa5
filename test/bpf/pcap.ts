// SPDX-License-Identifier: Apache-2.0
// Capture files of one packet each (draft-ietf-opsawg-pcap), as tcpdump and Wireshark read them.
import type { LinkLayer } from '../../packages/bpf-probe/src/link-layer.ts';

/** LINKTYPE_ETHERNET, and LINKTYPE_RAW: the packet begins with IP. */
const linkTypes: Readonly<Record<LinkLayer, number>> = { ethernet: 1, none: 101 };
const headerBytes = 24 + 16;
const snapLength = 65_535;

/** Taken at time 0, so that the same packet always makes the same file. */
export function toPcap(packet: Buffer, linkLayer: LinkLayer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapLength, 16);
  header.writeUInt32LE(linkTypes[linkLayer], 20);
  header.writeUInt32LE(packet.length, 32);
  header.writeUInt32LE(packet.length, 36);
  return Buffer.concat([header, packet]);
}

/** The packet of a file that toPcap() made. */
export function fromPcap(file: Buffer): Buffer {
  return file.subarray(headerBytes);
}
