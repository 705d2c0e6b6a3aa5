// SPDX-License-Identifier: Apache-2.0
// What tcpdump saw of requests on their way through a node, read with nothing of Hopspan's: not its parsers, not its ABI.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, LabNode } from './lab.ts';
import { waitUntilWritten } from './last-packet.ts';
import { FABRIC_ADDRESS } from './plan.ts';
import type { LabProcess } from './process.ts';
import { findSegment, type Segment } from './segment.ts';

/** A request's packet as it passed one device. */
export interface Passage extends Segment {
  readonly device: string;
  readonly hook: 'ingress' | 'egress';
  /** Bytes of the packet from the outermost network header on; more than the MTU when it is a train of segments. */
  readonly length: number;
  /** TCP sequence number of the first character of the context. */
  readonly position: number;
}

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** LINKTYPE_LINUX_SLL2: protocol, 2 reserved, ifindex (4), ARPHRD (2), packet type (1), address length and address (9). */
const LINUX_SLL2 = 276;
const SLL2_HEADER = 20;
const PACKET_OUTGOING = 4;

/** One tcpdump on all devices of a node: the kernel writes the passages of a packet down in their order. */
export class Capture {
  readonly #node: LabNode;
  readonly #process: LabProcess;
  readonly #file: string;

  private constructor(node: LabNode, process: LabProcess, file: string) {
    this.#node = node;
    this.#process = process;
    this.#file = file;
  }

  /** Resolves when it listens. */
  static async start(lab: Lab, node: LabNode, snapshotBytes = 16_384): Promise<Capture> {
    const file = join(lab.folder, `${node.name}.pcap`.replaceAll('/', '-'));
    const options = [
      '-i',
      'any',
      '-y',
      'LINUX_SLL2',
      '-n',
      '--immediate-mode',
      '-U',
      '-s',
      String(snapshotBytes),
      '-B',
      '65536',
    ];
    const process = node.spawn('tcpdump', [
      ...options,
      '-Z',
      'root',
      '-w',
      file,
      'tcp or udp or proto gre or proto 4 or proto 41 or ip6',
    ]);
    await process.waitForLine(/listening on/);
    return new Capture(node, process, file);
  }

  /** Ends it once it has written all there was. @returns passages by `traceid-spanid`, in order */
  async stop(): Promise<Map<string, Passage[]>> {
    await waitUntilWritten(this.#file, this.#node, FABRIC_ADDRESS);
    await this.#process.stop();
    const dropped = /(\d+) packets? dropped by kernel/.exec(this.#process.stderr.lines.join('\n'))?.[1];
    if (dropped !== '0')
      throw new Error(`tcpdump on ${this.#node.name} lost ${dropped ?? 'an unknown number of'} packets`);
    const { stdout } = await this.#node.exec('ip', ['-json', 'link']);
    const links = JSON.parse(stdout) as { ifindex: number; ifname: string }[];
    const names = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]));
    return readPassages(readFileSync(this.#file), names);
  }
}

function readPassages(file: Buffer, names: ReadonlyMap<number, string>): Map<string, Passage[]> {
  const link = file.readUInt32LE(20) & 0xffff;
  if (link !== LINUX_SLL2) throw new Error(`read capture: link type ${link}; expected ${LINUX_SLL2}`);
  const found = new Map<string, Passage[]>();
  for (let at = FILE_HEADER; at + PACKET_HEADER <= file.length; ) {
    const start = at + PACKET_HEADER;
    const captured = file.readUInt32LE(at + 8);
    const original = file.readUInt32LE(at + 12);
    at = start + captured;
    const frame = file.subarray(start, at);
    const segment = findSegment(frame.subarray(SLL2_HEADER), frame.readUInt16BE(0));
    const match = segment && CONTEXT.exec(segment.payload.toString('latin1'));
    if (segment === undefined || !match?.groups) continue;
    const device = names.get(frame.readUInt32BE(4)) ?? '?';
    const hook = frame.readUInt8(10) === PACKET_OUTGOING ? 'egress' : 'ingress';
    const value = match.index + match[0].indexOf(match.groups.value ?? '');
    const position = (segment.sequence + value) >>> 0;
    const key = match.groups.ids ?? '';
    const passage = { ...segment, device, hook, length: original - SLL2_HEADER, position } as const;
    found.set(key, [...(found.get(key) ?? []), passage]);
  }
  return found;
}

const CONTEXT = /\r\ntraceparent:[ \t]*(?<value>00-(?<ids>[0-9a-f]{32}-[0-9a-f]{16})-01)\r\n/i;
