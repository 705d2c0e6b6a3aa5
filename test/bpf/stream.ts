// SPDX-License-Identifier: Apache-2.0
// A TCP connection, segment by segment, shown to the programs as the device of its client's side sees it: what the
// client sends comes in, what the server sends goes out.
import type { Hook } from '@hopspan/core';
import type { KernelProbe } from './kernel-probe.ts';
import { TCP_FLAG } from './layers.ts';
import { tcpFrame } from './packet.ts';

const client = '10.0.0.1';
const server = '10.0.1.2';

/** Bytes of a stream, from one offset up to another. */
export type Stretch = readonly [from: number, to: number];

export class Stream {
  static #ports = 1024;
  readonly #probe: KernelProbe;
  readonly #port = Stream.#ports++;
  /** Sequence numbers of the first bytes. */
  readonly clientStart: number;
  readonly serverStart: number;

  constructor(probe: KernelProbe, { clientStart = 0xffff_ff80, serverStart = 5_000_000 } = {}) {
    this.#probe = probe;
    this.clientStart = clientStart;
    this.serverStart = serverStart;
  }

  /** The client begins the connection, seen at one hook. */
  open(hook: Hook = 'ingress'): void {
    this.#show(true, '', this.clientStart - 1, 0, TCP_FLAG.syn, hook);
  }

  /** @returns what the programs counted */
  request(
    text: string,
    [from, to]: Stretch = [0, text.length],
    { answered = 0, flags = TCP_FLAG.ack, hook = 'ingress' as Hook } = {},
  ): Record<string, number> {
    const sequence = this.clientStart + from;
    return this.#show(true, text.slice(from, to), sequence, this.serverStart + answered, flags, hook);
  }

  /** @param options `heard`: how many bytes of the client's stream the server has */
  respond(
    text: string,
    [from, to]: Stretch = [0, text.length],
    { heard = 65_536, flags = TCP_FLAG.ack, hook = 'egress' as Hook } = {},
  ): Record<string, number> {
    const sequence = this.serverStart + from;
    return this.#show(false, text.slice(from, to), sequence, this.clientStart + heard, flags, hook);
  }

  #show(
    ofClient: boolean,
    payload: string,
    sequence: number,
    acknowledgment: number,
    flags: number,
    hook: Hook,
  ): Record<string, number> {
    const ports = { sourcePort: this.#port, destinationPort: 8080 };
    const ends = ofClient
      ? { source: client, destination: server, ...ports }
      : { source: server, destination: client, sourcePort: 8080, destinationPort: this.#port };
    return this.#probe.show(tcpFrame(payload, { ...ends, sequence, acknowledgment, flags }), hook);
  }
}

/** The text cut at these offsets. */
export function cut(text: string, ...at: readonly number[]): Stretch[] {
  const edges = [0, ...at, text.length];
  return edges.slice(1).map((to, i) => [edges[i] ?? 0, to] as const);
}

/** Every order of a few things. */
export function permutations<T>(things: readonly T[]): T[][] {
  if (things.length < 2) return [[...things]];
  return things.flatMap((first, i) => permutations(things.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}
