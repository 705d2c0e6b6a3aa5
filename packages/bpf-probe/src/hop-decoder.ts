// SPDX-License-Identifier: Apache-2.0
import {
  directionOf,
  type Endpoint,
  type Hop,
  type LostMessage,
  type PacketContext,
  parseTraceState,
  type Sighting,
  type TracingPoint,
  type Tunnel,
  type TunnelType,
} from '@hopspan/core';
import {
  DEVICE_NAME_MAX,
  HOP_ENDPOINT,
  HOP_RECORD,
  LOSS_RECORD,
  RECORD_HOP,
  RECORD_LOSS,
  TUNNEL_NONE,
} from './generated/abi.ts';
import { formatIpv4, formatIpv6 } from './ip-address.ts';
import { EVIDENCE, messageKind, TUNNEL_TYPES } from './record-enums.ts';

/** Bytes before each record in a batch: its length (u32) and four zero bytes (native/ring_set.cc). */
const ENTRY_HEADER = 8;

/** What became of the records. The reasons add up to `records_invalid`. */
export interface DecoderTally {
  records_read: number;
  records_invalid: number;
  /** The record is not as long as its type says. */
  records_wrong_length: number;
  /** A record type, message kind, address family or tunnel this version does not know. */
  records_unknown_type: number;
  /** A tracing point that was never attached. */
  records_unknown_point: number;
  /** Tracestates that break the grammar; the hops are made without them. */
  trace_states_invalid: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Finds a point by the index the kernel knows it by. */
export type PointLookup = (index: number) => TracingPoint | undefined;

/** Names a reason to drop a packet. */
export type ReasonLookup = (reason: number) => string;

/**
 * Turns batches of ring buffer records into hops and lost messages. One decoder owns one buffer and looks at it through
 * typed arrays, in host byte order: records start at multiples of eight bytes.
 */
export class HopDecoder {
  readonly buffer: Buffer;
  readonly tally: DecoderTally = {
    records_read: 0,
    records_invalid: 0,
    records_wrong_length: 0,
    records_unknown_type: 0,
    records_unknown_point: 0,
    trace_states_invalid: 0,
  };
  readonly #u16: Uint16Array;
  readonly #u32: Uint32Array;
  readonly #u64: BigUint64Array;
  readonly #pointOf: PointLookup;
  readonly #reasonOf: ReasonLookup;
  #lost: LostMessage[] = [];

  /** @param size bytes of the buffer, a multiple of 8 */
  constructor(size: number, pointOf: PointLookup, reasonOf: ReasonLookup = String) {
    const memory = new ArrayBuffer(size);
    this.buffer = Buffer.from(memory);
    this.#u16 = new Uint16Array(memory);
    this.#u32 = new Uint32Array(memory);
    this.#u64 = new BigUint64Array(memory);
    this.#pointOf = pointOf;
    this.#reasonOf = reasonOf;
  }

  /** The hops among the first `used` bytes of the buffer; lost messages wait for takeLost(). Anything else is counted. */
  decode(used: number, clockOffsetNs: bigint): Hop[] {
    const hops: Hop[] = [];
    let at = 0;
    while (at < used) {
      const length = this.#word(at);
      this.tally.records_read += 1;
      if (this.#byte(at + ENTRY_HEADER) === RECORD_LOSS) {
        const lost = this.#decodeLoss(at + ENTRY_HEADER, length, clockOffsetNs);
        if (lost === undefined) this.tally.records_invalid += 1;
        else this.#lost.push(lost);
      } else {
        const hop = this.#decodeRecord(at + ENTRY_HEADER, length, clockOffsetNs);
        if (hop === undefined) this.tally.records_invalid += 1;
        else hops.push(hop);
      }
      at += ENTRY_HEADER + storedLength(length);
    }
    return hops;
  }

  /** The lost messages among what was decoded since the last call. */
  takeLost(): LostMessage[] {
    const lost = this.#lost;
    if (lost.length > 0) this.#lost = [];
    return lost;
  }

  #decodeLoss(at: number, length: number, clockOffsetNs: bigint): LostMessage | undefined {
    if (length !== LOSS_RECORD.size) return this.#reject('records_wrong_length');
    const kind = messageKind(this.#byte(at + LOSS_RECORD.kind));
    const evidence = EVIDENCE[this.#byte(at + LOSS_RECORD.evidence)];
    if (kind === undefined || evidence === undefined) return this.#reject('records_unknown_type');
    const from = this.#decodeEnd(at + LOSS_RECORD.last, at + LOSS_RECORD.last_ns);
    if (from === undefined) return undefined;
    const lost: Writable<LostMessage> = {
      kind,
      context: this.#context(at + LOSS_RECORD.trace_id, at + LOSS_RECORD.trace_flags),
      from,
      durationNs: this.#elapsedNs(at + LOSS_RECORD.last_ns, at + LOSS_RECORD.lost_ns),
      clockOffsetNs,
      streamPosition: this.#word(at + LOSS_RECORD.position),
      retransmission: this.#byte(at + LOSS_RECORD.retransmission),
      copies: this.#byte(at + LOSS_RECORD.copies),
      evidence,
    };
    if (evidence === 'drop') {
      const reason = this.#reasonOf(this.#word(at + LOSS_RECORD.reason));
      lost.drop = { reason, ifname: this.#text(at + LOSS_RECORD.device, DEVICE_NAME_MAX) };
    }
    return lost;
  }

  /** The ids stand one behind the other. */
  #context(idsAt: number, flagsAt: number): PacketContext {
    const ids = this.buffer.toString('hex', idsAt, idsAt + 24);
    return { traceId: ids.slice(0, 32), spanId: ids.slice(32), traceFlags: this.#byte(flagsAt) };
  }

  /** Up to the first zero byte. */
  #text(at: number, size: number): string {
    const end = this.buffer.indexOf(0, at);
    return this.buffer.toString('latin1', at, end < 0 ? at + size : Math.min(end, at + size));
  }

  #decodeRecord(at: number, length: number, clockOffsetNs: bigint): Hop | undefined {
    const kind = messageKind(this.#byte(at + HOP_RECORD.kind));
    if (this.#byte(at + HOP_RECORD.type) !== RECORD_HOP || kind === undefined) {
      return this.#reject('records_unknown_type');
    }
    const stateLength = this.#half(at + HOP_RECORD.trace_state_length);
    if (length !== HOP_RECORD.size + stateLength) return this.#reject('records_wrong_length');
    const fromAt = at + HOP_RECORD.from;
    const toAt = at + HOP_RECORD.to;
    const from = this.#decodeEnd(fromAt, at + HOP_RECORD.from_ns);
    const to = this.#decodeEnd(toAt, at + HOP_RECORD.to_ns, fromAt, from);
    if (from === undefined || to === undefined) return undefined;
    const context = this.#context(at + HOP_RECORD.trace_id, at + HOP_RECORD.trace_flags);
    const hop: Writable<Hop> = {
      kind,
      direction: directionOf(from.point, to.point),
      context: stateLength === 0 ? context : this.#addTraceState(context, at + HOP_RECORD.size, stateLength),
      from,
      to,
      durationNs: this.#elapsedNs(at + HOP_RECORD.from_ns, at + HOP_RECORD.to_ns),
      clockOffsetNs,
      streamPosition: this.#word(at + HOP_RECORD.position),
      retransmission: this.#byte(at + HOP_RECORD.retransmission),
    };
    if (kind === 'response') {
      hop.statusCode = this.#half(at + HOP_RECORD.status_code);
      hop.requestPosition = this.#word(at + HOP_RECORD.request_position);
    }
    return hop;
  }

  /** A tracestate that breaks the grammar is dropped whole (W3C Trace Context §3.3.1.3), and counted. */
  #addTraceState(context: PacketContext, at: number, length: number): PacketContext {
    const traceState = this.buffer.toString('latin1', at, at + length);
    if (parseTraceState(traceState) !== undefined) return { ...context, traceState };
    this.tally.trace_states_invalid += 1;
    return context;
  }

  /** @param twin the other end, already decoded: addresses that are the same there need no second text */
  #decodeEnd(at: number, timeAt: number, twinAt = at, twin?: Sighting): Sighting | undefined {
    const point = this.#pointOf(this.#half(at + HOP_ENDPOINT.point));
    if (point === undefined) return this.#reject('records_unknown_point');
    const family = this.#byte(at + HOP_ENDPOINT.family);
    const tunnelType = this.#byte(at + HOP_ENDPOINT.tunnel_type);
    const tunnel = tunnelType === TUNNEL_NONE ? undefined : this.#decodeTunnel(at, tunnelType);
    if (!isFamily(family) || (tunnelType !== TUNNEL_NONE && tunnel === undefined)) {
      return this.#reject('records_unknown_type');
    }
    const like = twin !== undefined && this.#sameFlow(at, twinAt) ? twin : undefined;
    const monotonicNs = this.#u64[timeAt >>> 3] ?? 0n;
    const networkType = family === 4 ? 'ipv4' : 'ipv6';
    const source = like?.source ?? this.#flowEnd(at, HOP_ENDPOINT.source, HOP_ENDPOINT.source_port, family);
    const destination =
      like?.destination ?? this.#flowEnd(at, HOP_ENDPOINT.destination, HOP_ENDPOINT.destination_port, family);
    if (tunnel === undefined) return { point, monotonicNs, networkType, source, destination };
    return { point, monotonicNs, networkType, source, destination, tunnel };
  }

  #flowEnd(at: number, address: number, port: number, family: number): Endpoint {
    return { address: this.#address(at + address, family), port: this.#half(at + port) };
  }

  /** Both addresses, both ports and the family: without address translation they do not change on a node. */
  #sameFlow(at: number, other: number): boolean {
    const end = HOP_ENDPOINT.destination_port + 2;
    for (let i = HOP_ENDPOINT.source; i < end; i += 4) {
      if (this.#word(at + i) !== this.#word(other + i)) return false;
    }
    return this.#byte(at + HOP_ENDPOINT.family) === this.#byte(other + HOP_ENDPOINT.family);
  }

  /** Undefined for a type or a family this version does not know. */
  #decodeTunnel(at: number, tunnelType: number): Tunnel | undefined {
    const type = TUNNEL_TYPES[tunnelType];
    const family = this.#byte(at + HOP_ENDPOINT.tunnel_family);
    if (type === undefined || !isFamily(family)) return undefined;
    const sourceAddress = this.#address(at + HOP_ENDPOINT.tunnel_source, family);
    const destinationAddress = this.#address(at + HOP_ENDPOINT.tunnel_destination, family);
    const id = this.#word(at + HOP_ENDPOINT.tunnel_id);
    if (!hasId(type, id)) return { type, sourceAddress, destinationAddress };
    return { type, id, sourceAddress, destinationAddress };
  }

  /** By halves, as numbers: exact below 2^53 ns, which is 104 days for one hop. */
  #elapsedNs(from: number, to: number): number {
    return (this.#word(to + 4) - this.#word(from + 4)) * 2 ** 32 + (this.#word(to) - this.#word(from));
  }

  #address(at: number, family: number): string {
    return family === 4 ? formatIpv4(this.#word(at)) : formatIpv6(this.buffer, at);
  }

  #byte(at: number): number {
    return this.buffer[at] ?? 0;
  }

  #half(at: number): number {
    return this.#u16[at >>> 1] ?? 0;
  }

  #word(at: number): number {
    return this.#u32[at >>> 2] ?? 0;
  }

  #reject(reason: Exclude<keyof DecoderTally, 'records_read' | 'records_invalid'>): undefined {
    this.tally[reason] += 1;
    return undefined;
  }
}

/** The addon stores at most this much of a record. */
const STORED_MAX = 1016;

function storedLength(length: number): number {
  return (Math.min(length, STORED_MAX) + 7) & ~7;
}

/** VNI 0 is one like any other; of GRE, the record does not tell key 0 from no key. */
function hasId(type: TunnelType, id: number): boolean {
  return type === 'vxlan' || type === 'geneve' || id !== 0;
}

function isFamily(family: number): boolean {
  return family === 4 || family === 6;
}
