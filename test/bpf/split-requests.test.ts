// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { KernelProbe } from './kernel-probe.ts';
import { request } from './packet.ts';
import { cut, permutations, Stream, type Stretch } from './stream.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';

let spans = 0;
/** A value of its own for each request: the table remembers. */
const contextOf = () => `00-0af7651916cd43dd8448eb211c80319c-${(++spans).toString(16).padStart(16, '0')}-01`;

interface Case {
  readonly text: string;
  /** Those whose request is really there. */
  readonly contexts: readonly string[];
}

const get = (): Case => {
  const context = contextOf();
  return { text: request('accept: */*', `traceparent: ${context}`, 'x-last: y'), contexts: [context] };
};

/** A request with a body that holds what looks like another one. */
const post = (framing: (body: string) => string): Case => {
  const context = contextOf();
  const body = `{"a": "\r\n${get().text}"}`;
  return {
    text: `POST /p HTTP/1.1\r\nhost: a\r\ntraceparent: ${context}\r\n${framing(body)}`,
    contexts: [context],
  };
};

const withLength = (body: string) => `Content-Length:  ${body.length}\r\n\r\n${body}`;
const inChunks = (body: string) => {
  const parts = [body.slice(0, 7), body.slice(7, 30), body.slice(30)];
  const chunks = parts.map(
    (part, i) => `${part.length.toString(16)}${i === 1 ? ';x="y"' : ''}\r\n${part}\r\n`,
  );
  return `Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\nx-trailer: z\r\n\r\n`;
};
const join = (...cases: readonly Case[]): Case => ({
  text: cases.map(({ text }) => text).join(''),
  contexts: cases.flatMap(({ contexts }) => contexts),
});
const untraced = (): Case => ({ text: request('x: y'), contexts: [] });

const kinds: [what: string, make: () => Case][] = [
  ['a request', get],
  ['a request with a length', () => post(withLength)],
  ['a request in chunks', () => post(inChunks)],
  ['two requests', () => join(get(), get())],
  ['a request behind a body', () => join(post(withLength), get())],
  ['a request behind chunks', () => join(post(inChunks), get())],
  ['requests with and without context', () => join(untraced(), get(), untraced(), get(), untraced())],
];

describe('a stream of requests', { skip }, () => {
  let probe: KernelProbe;
  before(() => {
    probe = new KernelProbe({ headerBuffers: 4096, tableSlots: 65_536, ringBytes: 4 * 1024 * 1024 });
  });
  after(() => probe.close());

  /** Shows the segments at both hooks and asserts that exactly these contexts make a hop, each once. */
  function assertHops(
    { text, contexts }: Case,
    segments: readonly Stretch[],
    { opened = false, copies = false } = {},
  ): void {
    const stream = new Stream(probe);
    let lost = 0;
    for (const hook of ['ingress', 'egress'] as const) {
      if (opened) stream.open(hook);
      for (const segment of segments) lost += stream.request(text, segment, { hook }).framing_lost ?? 0;
    }
    const hops = probe.takeHops();
    const what = JSON.stringify(segments);
    if (lost > 0) {
      // What comes behind chunks that were overtaken cannot be known, and that is counted.
      assert.ok(opened && text.includes('chunked'), what);
      const spans = contexts.map((context) => context.slice(36, 52));
      assert.ok(
        hops.every(({ context }) => spans.includes(context.spanId)),
        what,
      );
      return;
    }
    assert.deepEqual(
      new Set(hops.map(({ context }) => context.spanId)),
      new Set(contexts.map((context) => context.slice(36, 52))),
      what,
    );
    const positions = contexts.map((context) => (stream.clientStart + text.indexOf(context)) >>> 0);
    assert.deepEqual(new Set(hops.map(({ streamPosition }) => streamPosition)), new Set(positions), what);
    assert.equal(hops.length, contexts.length, what);
    if (!copies)
      assert.ok(
        hops.every(({ retransmission }) => retransmission === 0),
        what,
      );
  }

  for (const [what, make] of kinds) {
    it(`is followed through ${what} whole`, () => {
      const whole = make();
      assertHops(whole, cut(whole.text));
    });

    it(`is followed through ${what} cut in two at every byte`, () => {
      for (let at = 1; at < make().text.length; at += 1) {
        const each = make();
        assertHops(each, cut(each.text, at));
      }
    });

    it(`is followed through ${what} cut in two, the second first`, () => {
      for (let at = 1; at < make().text.length; at += 1) {
        const each = make();
        assertHops(each, cut(each.text, at).toReversed(), { opened: true });
      }
    });

    it(`is followed through ${what} cut in three, in every order, some twice`, () => {
      const { length } = make().text;
      for (let at = 3; at < length - 20; at += 29) {
        for (let next = at + 11; next < length; next += 53) {
          const stretches = cut(make().text, at, next);
          for (const order of permutations(stretches)) assertHops(make(), order, { opened: true });
          for (const copy of stretches)
            assertHops(make(), [...stretches, copy], { opened: true, copies: true });
        }
      }
    });

    it(`is followed through ${what} in segments that overlap`, () => {
      const { length } = make().text;
      for (let at = 1; at < length; at += 5) {
        const each = make();
        const segments: Stretch[] = [
          [0, Math.min(at + 9, length)],
          [Math.max(at - 9, 0), length],
        ];
        assertHops(each, segments, { copies: true });
      }
    });
  }

  it('a byte at a time', () => {
    for (const [, make] of kinds) {
      const each = make();
      assertHops(each, cut(each.text, ...Array.from({ length: each.text.length - 1 }, (_, i) => i + 1)));
    }
  });

  it('leaves no sum open', () => {
    const { headers_waiting: waiting } = probe.sweep();
    let sum = -waiting;
    for (const hook of ['ingress', 'egress'] as const) {
      const { header_split: split = 0, ...counts } = probe.counters(hook);
      sum += split;
      for (const [name, count] of Object.entries(counts)) {
        if (/^header_(?!split|beyond)/.test(name)) sum -= count;
      }
    }
    assert.equal(sum, 0);
  });
});
