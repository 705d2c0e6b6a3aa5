// SPDX-License-Identifier: Apache-2.0
import { endianness } from 'node:os';
import { describeErrno, HopProbeError } from '../errors.ts';
import type { NativeAddon } from '../native.ts';

/*
 * rtnetlink (man 7 rtnetlink; linux/netlink.h): a message is a header of 16 bytes, a fixed part that depends on
 * its type, and attributes {u16 length, u16 type, value}, each padded to four bytes. Host byte order.
 */

const LITTLE = endianness() === 'LE';
const HEADER = 16;
const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER take two bits of the type. */
const TYPE_MASK = 0x3fff;
/** What changes while it is read is read again, this often. */
const TRIES = 3;

/** One message of an answer. */
export interface Message {
  readonly type: number;
  readonly view: DataView;
  /** Where the fixed part begins. */
  readonly at: number;
  readonly end: number;
}

export type Requester = Pick<NativeAddon, 'routingRequest'>;

/** A number of a message or a value, of 1, 2 or 4 bytes. */
export function readUint(view: DataView, at: number, size: 1 | 2 | 4 = 4): number {
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at, LITTLE) : view.getUint32(at, LITTLE);
}

/** A fixed part with these fields. */
export function fixedPart(size: number, fields: readonly (readonly [at: number, value: number])[]): DataView {
  const view = new DataView(new ArrayBuffer(size));
  for (const [at, value] of fields) view.setUint8(at, value);
  return view;
}

/** An attribute that holds a number of 32 bits. */
export function uintAttribute(type: number, value: number): DataView {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, 8, LITTLE);
  view.setUint16(2, type, LITTLE);
  view.setUint32(4, value, LITTLE);
  return view;
}

/**
 * Everything of one kind that the kernel has: a dump. What was changed while it was read is read again.
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM
 */
export function dump(native: Requester, what: string, type: number, parts: readonly DataView[]): Message[] {
  let messages: Message[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = native.routingRequest(encode(type, NLM_F_REQUEST | NLM_F_DUMP, parts));
    if (typeof answer === 'number') throw failed(what, answer);
    const { list, interrupted } = split(answer);
    messages = list;
    if (!interrupted) break;
  }
  return messages;
}

/** One answer, or the errno (negative). */
export function ask(native: Requester, type: number, parts: readonly DataView[]): Message | number {
  const answer = native.routingRequest(encode(type, NLM_F_REQUEST | NLM_F_ACK, parts));
  if (typeof answer === 'number') return answer;
  return split(answer).list[0] ?? 0;
}

/** The attributes of a message behind its fixed part, or those nested in a value. */
export function readAttributes(view: DataView, from: number, end: number): Map<number, DataView> {
  const attributes = new Map<number, DataView>();
  for (let at = from; at + 4 <= end; ) {
    const length = view.getUint16(at, LITTLE);
    if (length < 4 || at + length > end) break;
    const value = new DataView(view.buffer, view.byteOffset + at + 4, length - 4);
    attributes.set(view.getUint16(at + 2, LITTLE) & TYPE_MASK, value);
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** A text that ends with a zero byte. */
export function readText(value: DataView | undefined): string | undefined {
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const zero = bytes.indexOf(0);
  return bytes.toString('utf8', 0, zero < 0 ? bytes.length : zero);
}

function encode(type: number, flags: number, parts: readonly DataView[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.byteLength, HEADER);
  const message = new DataView(new ArrayBuffer(size));
  message.setUint32(0, size, LITTLE);
  message.setUint16(4, type, LITTLE);
  message.setUint16(6, flags, LITTLE);
  const bytes = new Uint8Array(message.buffer);
  let at = HEADER;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

function split(answer: Uint8Array): { list: Message[]; interrupted: boolean } {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const list: Message[] = [];
  let interrupted = false;
  for (let at = 0; at + HEADER <= answer.byteLength; ) {
    const length = view.getUint32(at, LITTLE);
    if (length < HEADER || at + length > answer.byteLength) break;
    interrupted ||= (view.getUint16(at + 6, LITTLE) & NLM_F_DUMP_INTR) !== 0;
    list.push({ type: view.getUint16(at + 4, LITTLE), view, at: at + HEADER, end: at + length });
    at += (length + 3) & ~3;
  }
  return { list, interrupted };
}

function failed(what: string, status: number): HopProbeError {
  return new HopProbeError('HOPSPAN_ERR_SYSTEM', `list ${what}: ${describeErrno(-status)}`, {
    errno: -status,
  });
}
