// SPDX-License-Identifier: Apache-2.0

const bytes = (field: number, value: Uint8Array) =>
  Buffer.concat([Buffer.from([field * 8 + 2]), varint(value.length), value]);
const integer = (field: number, value: number) => Buffer.concat([Buffer.from([field * 8]), varint(value)]);

function varint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    out.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) return Buffer.from(out);
  }
}

/** A google.rpc.Status with code 8 and one detail; without times the RetryInfo is empty. */
export function retryInfoStatus(
  seconds?: number,
  nanos = 0,
  url = 'type.googleapis.com/google.rpc.RetryInfo',
): Buffer {
  const duration = [integer(1, seconds ?? 0), integer(2, nanos)];
  const info = seconds === undefined ? Buffer.alloc(0) : bytes(1, Buffer.concat(duration));
  return Buffer.concat([
    integer(1, 8),
    bytes(2, Buffer.from('slow down')),
    bytes(3, Buffer.concat([bytes(1, Buffer.from(url)), bytes(2, info)])),
  ]);
}
