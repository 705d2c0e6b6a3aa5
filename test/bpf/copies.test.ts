// SPDX-License-Identifier: Apache-2.0
// A request that is lost behind its first point, and sent again: the hop is the copy's, from end to end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KernelProbe } from './kernel-probe.ts';
import { request } from './packet.ts';
import { cut, Stream, type Stretch } from './stream.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';
const context = (n: number) => `traceparent: 00-0af7651916cd43dd8448eb211c80319c-000000000000000${n}-01`;
const body = 'x'.repeat(200);
const head = `POST / HTTP/1.1\r\nhost: a\r\n${context(1)}\r\nContent-Length: ${body.length}`;
const get = request(context(2));

interface Case {
  readonly what: string;
  readonly text: string;
  /** Where the first segment ends, which is lost. */
  readonly lost: number;
  readonly requests: number;
}

const cases: readonly Case[] = [
  { what: 'without a body', text: get, lost: get.length, requests: 1 },
  { what: 'in a part of its body', text: `${head}\r\n\r\n${body}`, lost: head.length + 100, requests: 1 },
  { what: 'in front of its body', text: `${head}\r\n\r\n${body}`, lost: head.length + 4, requests: 1 },
  { what: 'behind its context', text: `${head}\r\n\r\n${body}`, lost: head.length - 20, requests: 1 },
  { what: 'with its body', text: `${head}\r\n\r\n${body}`, lost: head.length + 4 + 200, requests: 1 },
  {
    what: 'behind another one',
    text: `${get}${head}\r\n\r\n${body}`,
    lost: get.length + head.length + 100,
    requests: 2,
  },
  {
    what: 'in chunks',
    text: `${head.replace(/Content.*/, 'Transfer-Encoding: chunked')}\r\n\r\nc8\r\n${body}\r\n0\r\n\r\n`,
    lost: head.length + 100,
    requests: 1,
  },
];

for (const responses of [true, false]) {
  describe(`a copy of a request whose segment ends, responses ${responses ? 'followed' : 'not followed'}`, {
    skip,
  }, () => {
    for (const { what, text, lost, requests } of cases) {
      // The path is narrower than the sender knew: the lost segment comes again in two.
      const again: [how: string, segments: readonly Stretch[]][] = [
        ['as it was', cut(text, lost)],
        ['in smaller segments', cut(text, Math.floor(lost / 3), lost)],
      ];
      for (const [how, segments] of again) {
        it(`${what}, sent again ${how}, makes its own hop`, () => {
          using probe = new KernelProbe({ responses });
          const stream = new Stream(probe);
          stream.request(text, [0, lost]);
          // The kernel's clock, too.
          const between = process.hrtime.bigint();
          for (const hook of ['ingress', 'egress'] as const)
            for (const segment of segments) stream.request(text, segment, { hook });
          const hops = probe.takeHops();
          assert.equal(hops.length, requests);
          for (const { from, retransmission } of hops) {
            assert.equal(retransmission, 1);
            assert.ok(from.monotonicNs > between, 'it began when the copy came');
          }
        });
      }
    }
  });
}

describe('a copy of a request that the table has forgotten', { skip }, () => {
  it('is marked for what it is', () => {
    using probe = new KernelProbe({ responses: true, tableSlots: 4 });
    const text = request(context(1));
    const stream = new Stream(probe);
    assert.equal(stream.request(text).first, 1);
    let overwritten = 0;
    for (let n = 2; n < 6; n++)
      overwritten += new Stream(probe).request(request(context(n))).overwritten ?? 0;
    assert.equal(overwritten, 1);
    const { repeated = 0, first } = stream.request(text);
    assert.deepEqual([repeated, first], [0, 1], 'the first copy was displaced');
    stream.request(text, [0, text.length], { hook: 'egress' });
    assert.deepEqual(
      probe.takeHops().map(({ retransmission }) => retransmission),
      [1],
    );
  });
});

describe('a packet that came twice, and overtook the one in front of it on its way through the node', {
  skip,
}, () => {
  it('is no evidence of a loss', () => {
    using probe = new KernelProbe({ responses: true });
    const text = `${head}\r\n\r\n${body}`;
    const [first, second] = cut(text, 20, text.length) as [Stretch, Stretch];
    const stream = new Stream(probe);
    for (const hook of ['ingress', 'egress'] as const) stream.open(hook);
    // Receive offload holds the first one back, and not the two that are alike.
    for (const segment of [first, second, second]) stream.request(text, segment);
    for (const segment of [second, second, first]) stream.request(text, segment, { hook: 'egress' });
    assert.equal(probe.takeHops().length, 1);
    const { loss_suspected, loss_refuted } = probe.counters('ingress');
    assert.deepEqual([loss_suspected, loss_refuted], [1, 1]);
  });
});
