// SPDX-License-Identifier: Apache-2.0
import { isIPv4 } from 'node:net';
import { ipToBits } from './ip-bits.ts';

/** Values by IP prefix. A look-up costs one map access for each length of prefix that is in use: one or two. */
export class CidrMap<V> {
  /** By family and length, longest first; then by the prefix's bits. */
  #lengths: { family: 4 | 6; bits: number; values: Map<bigint, V> }[] = [];

  /** An entry that is not a prefix (`10.244.1.0/24`) is left out. @returns whether it was one */
  set(cidr: string, value: V): boolean {
    const prefix = parseCidr(cidr);
    if (prefix === undefined) return false;
    const { family, bits, key } = prefix;
    let level = this.#lengths.find((candidate) => candidate.family === family && candidate.bits === bits);
    if (level === undefined) {
      level = { family, bits, values: new Map() };
      this.#lengths = [...this.#lengths, level].sort((a, b) => b.bits - a.bits);
    }
    level.values.set(key, value);
    return true;
  }

  /** Takes an entry away, if it still has that value. */
  delete(cidr: string, value: V): void {
    const prefix = parseCidr(cidr);
    const level = this.#lengths.find(({ family, bits }) => family === prefix?.family && bits === prefix.bits);
    if (prefix === undefined || level?.values.get(prefix.key) !== value) return;
    level.values.delete(prefix.key);
    if (level.values.size === 0) this.#lengths = this.#lengths.filter((candidate) => candidate !== level);
  }

  /** The value of the longest prefix that the address lies in. */
  get(address: string): V | undefined {
    if (this.#lengths.length === 0) return undefined;
    const family = isIPv4(address) ? 4 : 6;
    const value = ipToBits(address);
    if (value === undefined) return undefined;
    for (const level of this.#lengths) {
      if (level.family !== family) continue;
      const found = level.values.get(value >> BigInt(width(family) - level.bits));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function width(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function parseCidr(cidr: string): { family: 4 | 6; bits: number; key: bigint } | undefined {
  const [, address = '', length = ''] = /^(.+)\/(\d+)$/.exec(cidr) ?? [];
  const family = isIPv4(address) ? 4 : 6;
  const [value, bits] = [ipToBits(address), Number(length)];
  if (value === undefined || bits > width(family)) return undefined;
  return { family, bits, key: value >> BigInt(width(family) - bits) };
}
