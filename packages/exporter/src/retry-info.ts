// SPDX-License-Identifier: Apache-2.0

const RETRY_INFO_URL = 'type.googleapis.com/google.rpc.RetryInfo';
const VARINT = 0;
const BYTES = 2;

/**
 * The delay a gRPC server asks for, in milliseconds: the RetryInfo within a google.rpc.Status message (field 3,
 * `details`), which is the trailer `grpc-status-details-bin`.
 * @returns undefined when there is none, or the bytes are not such a message
 */
export function parseRetryDelay(status: Uint8Array): number | undefined {
  for (const detail of bytesFields(status, 3)) {
    const [url] = bytesFields(detail, 1);
    if (url === undefined || Buffer.from(url).toString('latin1') !== RETRY_INFO_URL) continue;
    const [info] = bytesFields(detail, 2);
    const [duration] = info === undefined ? [] : bytesFields(info, 1);
    return duration === undefined ? 0 : durationMillis(duration);
  }
  return undefined;
}

function durationMillis(duration: Uint8Array): number {
  let millis = 0;
  for (const { number, value } of fields(duration)) {
    if (typeof value !== 'number') continue;
    if (number === 1) millis += value * 1000;
    if (number === 2) millis += value / 1_000_000;
  }
  return millis;
}

interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

function bytesFields(message: Uint8Array, number: number): Uint8Array[] {
  return fields(message).flatMap((f) =>
    f.number === number && typeof f.value !== 'number' ? [f.value] : [],
  );
}

/** The varint and length-delimited fields of a protobuf message; none when it is cut or has others. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = varint(message, at);
    const head = tag && varint(message, tag.end);
    if (tag === undefined || head === undefined) return [];
    const number = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    at = head.end;
    if (wireType === BYTES) {
      at += head.value;
      if (at > message.length) return [];
      found.push({ number, value: message.subarray(head.end, at) });
    } else if (wireType === VARINT) found.push({ number, value: head.value });
    else return [];
  }
  return found;
}

function varint(message: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = message[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}
