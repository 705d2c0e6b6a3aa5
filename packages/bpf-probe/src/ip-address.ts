// SPDX-License-Identifier: Apache-2.0

/** Addresses on a node are few and come again: the text of one is made once while it fits here. */
const CACHE_MAX = 4096;
const ipv4Texts = new Map<number, string>();

const wordView = new Uint32Array(1);
const byteView = new Uint8Array(wordView.buffer);

/** Dotted quad of the four bytes, in network order, that a word in host order was read from. */
export function formatIpv4(word: number): string {
  const known = ipv4Texts.get(word);
  if (known !== undefined) return known;
  wordView[0] = word;
  const text = byteView.join('.');
  if (ipv4Texts.size >= CACHE_MAX) ipv4Texts.clear();
  ipv4Texts.set(word, text);
  return text;
}

/** RFC 5952 text of sixteen bytes in network order; IPv4-mapped addresses end in a dotted quad (section 5). */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => (octet(bytes, at + 2 * i) << 8) | octet(bytes, at + 2 * i + 1),
  );
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes.subarray(at + 12, at + 16).join('.')}`;
  }
  const gap = longestZeroRun(groups);
  if (gap.length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, gap.start))}::${hexGroups(groups.slice(gap.start + gap.length))}`;
}

function octet(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

/** The first of the longest runs of zero groups: that one is written `::` (RFC 5952, section 4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
