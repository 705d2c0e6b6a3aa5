// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import { formatIpv4, formatIpv6 } from '../src/ip-address.ts';

/** The word that the decoder reads where these bytes are. */
function wordOf(...bytes: readonly number[]): number {
  return new Uint32Array(Uint8Array.from(bytes).buffer)[0] ?? 0;
}

describe('formatIpv4', () => {
  it('writes a dotted quad', () => {
    assert.equal(formatIpv4(wordOf(255, 0, 1, 200)), '255.0.1.200');
  });

  it('tells more addresses apart than it remembers', () => {
    const texts = new Set<string>();
    for (let i = 0; i < 5000; i += 1) texts.add(formatIpv4(wordOf(10, i >> 16, i >> 8, i)));
    assert.equal(texts.size, 5000);
    assert.ok(texts.has('10.0.0.7') && texts.has('10.0.19.135'));
  });
});

describe('formatIpv6', () => {
  // The rules of RFC 5952, sections 4 and 5, one a line.
  const cases: [string, string][] = [
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['20010DB800000000000000000000ABCD', '2001:db8::abcd'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ];
  for (const [hex, text] of cases) {
    it(`writes ${hex} as ${text}`, () => {
      assert.equal(formatIpv6(Buffer.from(hex, 'hex'), 0), text);
    });
  }

  it('agrees with the C library on what the text means', () => {
    for (const [hex, text] of cases) {
      const list = new BlockList();
      list.addAddress(hex.toLowerCase().match(/.{4}/g)?.join(':') ?? '', 'ipv6');
      assert.ok(list.check(text, 'ipv6'), text);
    }
  });
});
