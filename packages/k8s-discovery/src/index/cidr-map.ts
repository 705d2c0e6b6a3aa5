// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';

type Family = 4 | 6;
type Bits = number | bigint;

/** The prefixes of one family and length. */
interface Level<V> {
  readonly family: Family;
  readonly length: number;
  readonly values: Map<Bits, V>;
}

/** Values by IP prefix. A look-up costs one map access for each length of prefix that is in use: one or two. */
export class CidrMap<V> {
  /** Longest first. */
  #levels: Level<V>[] = [];

  /** An entry that is not a prefix (`10.244.1.0/24`) is left out. @returns whether it was one */
  set(cidr: string, value: V): boolean {
    const prefix = parseCidr(cidr);
    if (prefix === undefined) return false;
    const { family, length, bits } = prefix;
    let level = this.#levels.find((other) => other.family === family && other.length === length);
    if (level === undefined) {
      level = { family, length, values: new Map() };
      this.#levels = [...this.#levels, level].sort((a, b) => b.length - a.length);
    }
    level.values.set(bits, value);
    return true;
  }

  /** Takes an entry away, if it still has that value. */
  delete(cidr: string, value: V): void {
    const prefix = parseCidr(cidr);
    const level = this.#levels.find(
      ({ family, length }) => family === prefix?.family && length === prefix.length,
    );
    if (prefix === undefined || level?.values.get(prefix.bits) !== value) return;
    level.values.delete(prefix.bits);
    if (level.values.size === 0) this.#levels = this.#levels.filter((other) => other !== level);
  }

  /** The value of the longest prefix that the address lies in. */
  get(address: string): V | undefined {
    if (this.#levels.length === 0) return undefined;
    const family = familyOf(address);
    if (family === undefined) return undefined;
    const bits = family === 4 ? ipv4Bits(address) : ipv6Bits(address);
    for (const level of this.#levels) {
      const found = level.family === family ? level.values.get(prefixOf(bits, level.length)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function familyOf(address: string): Family | undefined {
  if (isIPv4(address)) return 4;
  return isIPv6(address) && !address.includes('%') ? 6 : undefined;
}

function parseCidr(cidr: string): { family: Family; length: number; bits: Bits } | undefined {
  const [, address = '', digits = ''] = /^(.+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const [family, length] = [familyOf(address), Number(digits)];
  if (family === undefined || length > (family === 4 ? 32 : 128)) return undefined;
  return { family, length, bits: prefixOf(family === 4 ? ipv4Bits(address) : ipv6Bits(address), length) };
}

/** The leading bits: numbers for IPv4, since a hop may look one up, and bigint only where it must be. */
function prefixOf(bits: Bits, length: number): Bits {
  if (typeof bits === 'bigint') return bits >> BigInt(128 - length);
  return Math.floor(bits / 2 ** (32 - length));
}

function ipv4Bits(address: string): number {
  return address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

function ipv6Bits(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const [front, back] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back].reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const value = ipv4Bits(group);
    return [value >>> 16, value & 0xffff];
  });
}
