// SPDX-License-Identifier: Apache-2.0

/** A packet as tcpdump wrote it down. */
export interface CapturedPacket {
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** The frame, perhaps cut at the snapshot length. */
  readonly frame: Buffer;
}

const MAGIC_NANOSECONDS = 0xa1b2_3c4d;
const FILE_HEADER = 24;
const PACKET_HEADER = 16;
const LINKTYPE_ETHERNET = 1;

/**
 * The packets of a capture file (draft-ietf-opsawg-pcap), little-endian, with nanoseconds, of Ethernet
 * frames. A packet that the writer did not finish is left out.
 * @throws Error when the file is something else
 */
export function readPcap(file: Buffer): CapturedPacket[] {
  if (file.length < FILE_HEADER || file.readUInt32LE(0) !== MAGIC_NANOSECONDS) {
    throw new Error('read capture: not a little-endian pcap file with nanoseconds');
  }
  const link = file.readUInt32LE(20) & 0xffff;
  if (link !== LINKTYPE_ETHERNET) throw new Error(`read capture: link type ${link}; expected 1 (Ethernet)`);
  const packets: CapturedPacket[] = [];
  for (let at = FILE_HEADER; at + PACKET_HEADER <= file.length; ) {
    const start = at + PACKET_HEADER;
    const end = start + file.readUInt32LE(at + 8);
    if (end > file.length) break;
    const seconds = BigInt(file.readUInt32LE(at));
    const timeNs = seconds * 1_000_000_000n + BigInt(file.readUInt32LE(at + 4));
    packets.push({ timeNs, frame: file.subarray(start, end) });
    at = end;
  }
  return packets;
}
