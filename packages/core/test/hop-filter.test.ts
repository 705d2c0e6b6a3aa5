// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Endpoint, type Hop, HopFilter, type HopFilterOptions, type LostMessage } from '../src/index.ts';
import { makeHop } from './make-hop.ts';

const end = (address: string, port: number): Endpoint => ({ address, port });

/** A hop of a request between two ends, which may be others behind a translation. */
function hopOf(ends: readonly [Endpoint, Endpoint], behind = ends): Hop {
  const hop = makeHop();
  const sighting = (at: Hop['from'], [source, destination]: readonly [Endpoint, Endpoint]) => ({
    ...at,
    source,
    destination,
  });
  return { ...hop, from: sighting(hop.from, ends), to: sighting(hop.to, behind) };
}

const client = end('10.244.1.5', 40_000);
const server = end('10.244.2.6', 9080);
const vip = end('10.96.0.20', 80);
const six = end('fd00:10::7', 9080);
const hops = {
  request: hopOf([client, server]),
  response: hopOf([server, client]),
  translated: hopOf([client, vip], [client, server]),
  other: hopOf([client, end('10.244.2.7', 15_090)]),
  six: hopOf([end('fd00:20::1', 40_000), six]),
};

function kept(options: HopFilterOptions): string[] {
  const left = new Set(new HopFilter(options).process(Object.values(hops)));
  return Object.entries(hops).flatMap(([name, hop]) => (left.has(hop) ? [name] : []));
}

describe('HopFilter', () => {
  it('keeps hops with an included port at either end', () => {
    assert.deepEqual(kept({ include: { ports: [9080] } }), ['request', 'response', 'translated', 'six']);
  });

  it('keeps hops with an included address, before or behind a translation', () => {
    assert.deepEqual(kept({ include: { addresses: ['10.96.0.0/16'] } }), ['translated']);
    assert.deepEqual(kept({ include: { addresses: ['10.244.2.6', 'fd00:10::/64'] } }), [
      ...['request', 'response', 'translated', 'six'],
    ]);
    assert.deepEqual(kept({ include: { addresses: ['0.0.0.0/0'] } }), [
      ...['request', 'response', 'translated', 'other'],
    ]);
  });

  it('asks for address and port of the same end', () => {
    assert.deepEqual(kept({ include: { addresses: ['10.244.1.5'], ports: [9080] } }), []);
    assert.deepEqual(kept({ include: { addresses: ['10.244.1.5', '10.244.2.6'], ports: [9080] } }), [
      ...['request', 'response', 'translated'],
    ]);
  });

  it('drops hops with an excluded end, included or not', () => {
    assert.deepEqual(kept({ exclude: { ports: [15_090] } }), ['request', 'response', 'translated', 'six']);
    const include = { addresses: ['10.244.0.0/16'] };
    assert.deepEqual(kept({ include, exclude: { ports: [9080] } }), ['other']);
  });

  it('keeps all where nothing is said', () => {
    assert.equal(kept({}).length, 5);
  });

  it('counts what it drops, lost messages as well, and can be told others', () => {
    const filter = new HopFilter({ include: { ports: [80] } });
    const { context, from } = hops.request;
    const lost: LostMessage = {
      ...{ kind: 'request', context, from, durationNs: 1, clockOffsetNs: 0n, streamPosition: 1 },
      ...{ retransmission: 0, copies: 0, evidence: 'retransmission' },
    };
    assert.deepEqual(filter.processLost([lost]), []);
    assert.equal(filter.process(Object.values(hops)).length, 1);
    filter.configure({ include: { ports: [9080] } });
    assert.deepEqual(filter.processLost([lost]), [lost]);
    assert.deepEqual(filter.counters(), { hops: 5, hops_filtered: 4, lost: 2, lost_filtered: 1 });
  });

  it('gives the same answer for more addresses than it remembers', () => {
    const filter = new HopFilter({ include: { addresses: ['10.0.0.0/17'] } });
    const all = Array.from({ length: 10_000 }, (_, i) => end(`10.0.${i >> 7}.${i & 127}`, 80));
    const ends = all.map((each) => hopOf([end('192.0.2.1', 1), each]));
    const inside = all.filter(({ address }) => Number(address.split('.')[2]) < 128).length;
    for (let round = 0; round < 2; round += 1) assert.equal(filter.process(ends).length, inside);
  });

  for (const [what, options] of Object.entries({
    'an address that is none': { include: { addresses: ['10.244.1'] } },
    'a network that is too small': { exclude: { addresses: ['10.244.0.0/33'] } },
    'a name': { include: { addresses: ['reviews'] } },
    'a port that is none': { include: { ports: [65_536] } },
    'nothing to go by': { include: {} },
  }))
    it(`refuses ${what}, and stays as it was`, () => {
      assert.throws(() => new HopFilter(options), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
      const filter = new HopFilter({ include: { ports: [1] } });
      assert.throws(() => filter.configure(options), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
      assert.deepEqual(filter.process(Object.values(hops)), []);
    });
});
