// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';

/** The 32 or 128 bits of an IP address in text form; undefined for anything else, zones (`%eth0`) included. */
export function ipToBits(address: string): bigint | undefined {
  if (isIPv4(address)) return BigInt(ipv4ToNumber(address));
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const [head = '', tail] = address.split('::');
  const front = toGroups(head);
  const back = tail === undefined ? [] : toGroups(tail);
  const zeros = tail === undefined ? [] : Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back].reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

function toGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const value = ipv4ToNumber(group);
    return [value >>> 16, value & 0xffff];
  });
}

function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}
