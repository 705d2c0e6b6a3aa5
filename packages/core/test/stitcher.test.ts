// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type RoundTripPart, roundTripKey } from '../src/round-trip-part.ts';
import { Stitcher } from '../src/stitcher.ts';
import type { Released, StitcherOptions } from '../src/stitcher-options.ts';

const HOLD = 100;

/** Both parts of request `n`: away for 1000 + n, at the server for 400. */
const client = (n = 0, overrides: Partial<RoundTripPart> = {}): RoundTripPart => ({
  role: 'client',
  key: `key${n}`,
  spanId: `client${n}`,
  durationNs: 1000 + n,
  retransmission: 0,
  ...overrides,
});
const server = (n = 0, overrides: Partial<RoundTripPart> = {}): RoundTripPart => ({
  ...client(n),
  role: 'server',
  spanId: `server${n}`,
  durationNs: 400,
  ...overrides,
});

function makeStitcher(options: Partial<StitcherOptions<string>> = {}) {
  const released: Released<string>[] = [];
  const stitcher = new Stitcher<string>({
    holdMillis: HOLD,
    release: (items) => void released.push(...items),
    ...options,
  });
  const add = (part: RoundTripPart, at = 0) => stitcher.add(part, part.spanId, at);
  return { stitcher, released, add };
}

/** What is not 0, and whether the sums close. */
function talliesOf(stitcher: Stitcher<string>): Record<string, number> {
  const c = stitcher.counters();
  assert.equal(
    c.client_parts,
    c.stitched +
      c.unmatched +
      c.ambiguous +
      c.retransmitted +
      c.negative +
      c.client_duplicates +
      c.client_refused +
      c.held,
  );
  assert.equal(c.server_parts, c.joined + c.unjoined + c.server_duplicates + c.server_refused + c.remembered);
  return Object.fromEntries(Object.entries(c).filter(([, value]) => value > 0));
}

describe('roundTripKey', () => {
  it('tells contexts and positions apart', () => {
    const keys = [
      roundTripKey('a', 'b', 1),
      roundTripKey('a', 'b', 2),
      roundTripKey('a', 'c', 1),
      roundTripKey('d', 'b', 1),
    ];
    assert.equal(new Set(keys).size, 4);
  });
});

describe('Stitcher', () => {
  it("takes the server's time from the client's, whichever part comes first", () => {
    for (const parts of [
      [client(), server()],
      [server(), client()],
    ]) {
      const { stitcher, released, add } = makeStitcher();
      assert.deepEqual(
        parts.map((part) => add(part)),
        parts.map(({ role }) => role === 'client'),
      );
      stitcher.advance(HOLD - 1);
      assert.deepEqual(released, []);
      stitcher.advance(HOLD);
      assert.deepEqual(released, [{ item: 'client0', roundTripNs: 600 }]);
      assert.deepEqual(talliesOf(stitcher), { client_parts: 1, server_parts: 1, stitched: 1, joined: 1 });
    }
  });

  it("lets a client's span go without a server's part, after the hold time and not before", () => {
    const { stitcher, released, add } = makeStitcher();
    add(client(), 50);
    stitcher.advance(149);
    assert.deepEqual(talliesOf(stitcher), { client_parts: 1, held: 1 });
    stitcher.advance(150);
    assert.deepEqual(released, [{ item: 'client0', roundTripNs: undefined }]);
    assert.deepEqual(talliesOf(stitcher), { client_parts: 1, unmatched: 1 });
  });

  it("remembers a server's part for longer than the hold time, and counts it when nobody came for it", () => {
    const { stitcher, add } = makeStitcher();
    add(server(), 0);
    stitcher.advance(3 * HOLD - 1);
    assert.deepEqual(talliesOf(stitcher), { server_parts: 1, remembered: 1 });
    stitcher.advance(3 * HOLD);
    assert.deepEqual(talliesOf(stitcher), { server_parts: 1, unjoined: 1 });
  });

  it("counts a server's part that comes too late", () => {
    const { stitcher, released, add } = makeStitcher();
    add(client(), 0);
    stitcher.advance(HOLD);
    add(server(), HOLD + 1);
    assert.deepEqual(released, [{ item: 'client0', roundTripNs: undefined }]);
    assert.deepEqual(talliesOf(stitcher), { client_parts: 1, server_parts: 1, unmatched: 1, unjoined: 1 });
  });

  it('does not stitch what was retransmitted, by whichever part or copy it is told', () => {
    const cases: ((add: (part: RoundTripPart) => void, stitcher: Stitcher<string>) => void)[] = [
      (add) => {
        add(server());
        add(client(0, { retransmission: 1 }));
      },
      (add) => {
        add(client());
        add(server(0, { retransmission: 2 }));
      },
      (add, stitcher) => {
        add(client());
        stitcher.noteCopy('key0');
        add(server());
      },
      (add, stitcher) => {
        add(server());
        add(client());
        stitcher.noteCopy('key0');
      },
    ];
    for (const play of cases) {
      const { stitcher, released, add } = makeStitcher();
      play(add, stitcher);
      stitcher.advance(HOLD);
      assert.deepEqual(released, [{ item: 'client0', roundTripNs: undefined }]);
      assert.deepEqual(talliesOf(stitcher), {
        client_parts: 1,
        server_parts: 1,
        retransmitted: 1,
        joined: 1,
      });
    }
  });

  it('counts word of a copy that comes after the round trip was made, and ignores one of an unknown request', () => {
    const { stitcher, add } = makeStitcher();
    add(client());
    add(server());
    stitcher.advance(HOLD);
    stitcher.noteCopy('key0');
    stitcher.noteCopy('another');
    assert.equal(talliesOf(stitcher).late_copies, 1);
  });

  it('does not guess between two spans that claim to be the same end', () => {
    for (const rival of [client(0, { spanId: 'other' }), server(0, { spanId: 'other', durationNs: 1 })]) {
      const { stitcher, released, add } = makeStitcher();
      add(client());
      add(server());
      assert.equal(add(rival), false);
      stitcher.advance(HOLD);
      assert.deepEqual(released, [{ item: 'client0', roundTripNs: undefined }]);
      assert.equal(talliesOf(stitcher).stitched, undefined);
    }
  });

  it('knows a span that is delivered twice', () => {
    const { stitcher, released, add } = makeStitcher();
    for (const part of [client(), client(), server(), server()]) add(part);
    stitcher.advance(HOLD);
    assert.equal(add(client()), false);
    assert.deepEqual(released, [{ item: 'client0', roundTripNs: 600 }]);
    assert.deepEqual(talliesOf(stitcher), {
      client_parts: 3,
      server_parts: 2,
      stitched: 1,
      joined: 1,
      client_duplicates: 2,
      server_duplicates: 1,
    });
  });

  it('makes no negative round trip', () => {
    const { stitcher, released, add } = makeStitcher();
    add(client());
    add(server(0, { durationNs: 1001 }));
    stitcher.advance(HOLD);
    assert.deepEqual(released, [{ item: 'client0', roundTripNs: undefined }]);
    assert.equal(talliesOf(stitcher).negative, 1);
  });

  it('is bounded: what does not fit goes on at once', () => {
    const { stitcher, add } = makeStitcher({ maxRequests: 2 });
    assert.deepEqual(
      [add(client(1)), add(client(2)), add(client(3)), add(server(4))],
      [true, true, false, false],
    );
    assert.equal(add(server(2)), false);
    stitcher.advance(HOLD);
    assert.deepEqual(talliesOf(stitcher), {
      client_parts: 3,
      server_parts: 2,
      stitched: 1,
      unmatched: 1,
      client_refused: 1,
      server_refused: 1,
      joined: 1,
    });
    stitcher.advance(3 * HOLD);
    assert.equal(add(client(5), 3 * HOLD), true);
  });

  it('lets everything go when it is flushed', () => {
    const { stitcher, released, add } = makeStitcher();
    add(client(1));
    add(client(2));
    add(server(2));
    stitcher.flush();
    assert.deepEqual(released, [
      { item: 'client1', roundTripNs: undefined },
      { item: 'client2', roundTripNs: 602 },
    ]);
    assert.equal(stitcher.counters().held, 0);
  });

  it('releases every held span exactly once and never a wrong figure, in any order and at any pace', () => {
    const part = fc.record({
      n: fc.nat(4),
      role: fc.constantFrom('client', 'server', 'copy'),
      rival: fc.boolean(),
      retransmission: fc.constantFrom(0, 0, 0, 1),
      pauseMillis: fc.nat(2 * HOLD),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const { stitcher, released, add } = makeStitcher({ maxRequests: 3 });
        const held: string[] = [];
        let now = 0;
        for (const { n, role, rival, retransmission, pauseMillis } of parts) {
          now += pauseMillis;
          stitcher.advance(now);
          if (role === 'copy') {
            stitcher.noteCopy(`key${n}`);
            continue;
          }
          const make = role === 'client' ? client : server;
          const made = make(n, { retransmission, ...(rival && { spanId: `${role}${n}rival` }) });
          if (add(made, now)) held.push(made.spanId);
          talliesOf(stitcher);
        }
        stitcher.flush();
        stitcher.advance(now + 10 * HOLD);
        assert.deepEqual(released.map(({ item }) => item).toSorted(), held.toSorted());
        for (const { item, roundTripNs } of released) {
          if (roundTripNs !== undefined) assert.equal(roundTripNs, 600 + Number(item.match(/\d+/)?.[0]));
        }
        assert.deepEqual([stitcher.counters().held, stitcher.counters().remembered], [0, 0]);
        talliesOf(stitcher);
      }),
    );
  });

  it('refuses options that make no sense', () => {
    for (const options of [{ holdMillis: 0 }, { maxRequests: 0 }]) {
      assert.throws(() => makeStitcher(options), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
    }
  });
});
