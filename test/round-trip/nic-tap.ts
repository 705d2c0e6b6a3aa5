// SPDX-License-Identifier: Apache-2.0
// What tcpdump saw of requests and responses at a node's NIC, read with nothing of Hopspan's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, LabNode } from '../lab/lab.ts';
import { waitUntilWritten } from '../lab/last-packet.ts';
import { FABRIC_ADDRESS } from '../lab/plan.ts';
import type { LabProcess } from '../lab/process.ts';
import { findSegment } from '../lab/segment.ts';

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
const ETHERNET_TYPE = 0x6558;
const CONTEXT = /\r\ntraceparent:[ \t]*00-([0-9a-f]{32}-[0-9a-f]{16})-01\r\n/i;

/** When a request and its response passed the NIC, in nanoseconds since 1970. */
export interface Exchange {
  readonly requestNs: bigint;
  readonly responseNs: bigint;
}

/** One tcpdump on the NIC of a node. */
export class NicTap {
  readonly #node: LabNode;
  readonly #process: LabProcess;
  readonly #file: string;

  private constructor(node: LabNode, process: LabProcess, file: string) {
    this.#node = node;
    this.#process = process;
    this.#file = file;
  }

  /** Resolves when it listens. */
  static async start(lab: Lab, node: LabNode): Promise<NicTap> {
    const file = join(lab.folder, `${node.name.replaceAll('/', '-')}-nic.pcap`);
    const process = node.spawn('tcpdump', [
      ...['-i', node.nicName, '-n', '-U', '-s', '0', '-B', '65536', '--time-stamp-precision=nano'],
      ...['-Z', 'root', '-w', file],
    ]);
    await process.waitForLine(/listening on/);
    return new NicTap(node, process, file);
  }

  /** Ends it once it has written all there was. Requests of one connection must not overlap. @returns exchanges by context */
  async stop(): Promise<Map<string, Exchange>> {
    await waitUntilWritten(this.#file, this.#node, FABRIC_ADDRESS);
    await this.#process.stop();
    return readExchanges(readFileSync(this.#file));
  }
}

function readExchanges(file: Buffer): Map<string, Exchange> {
  const exchanges = new Map<string, Exchange>();
  const open = new Map<string, { context: string; requestNs: bigint }>();
  for (let at = FILE_HEADER; at + PACKET_HEADER <= file.length; ) {
    const timeNs = BigInt(file.readUInt32LE(at)) * 1_000_000_000n + BigInt(file.readUInt32LE(at + 4));
    const start = at + PACKET_HEADER;
    at = start + file.readUInt32LE(at + 8);
    const segment = findSegment(file.subarray(start, at), ETHERNET_TYPE);
    if (segment === undefined) continue;
    const text = segment.payload.toString('latin1');
    const context = CONTEXT.exec(text)?.[1];
    if (context !== undefined) {
      open.set(`${segment.source} ${segment.destination}`, { context, requestNs: timeNs });
    } else if (text.startsWith('HTTP/1.1 ')) {
      const request = open.get(`${segment.destination} ${segment.source}`);
      if (request === undefined) continue;
      exchanges.set(request.context, { requestNs: request.requestNs, responseNs: timeNs });
    }
  }
  return exchanges;
}
