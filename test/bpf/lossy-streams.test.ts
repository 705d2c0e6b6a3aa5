// SPDX-License-Identifier: Apache-2.0
// What lost packets do to a connection: segments come in another order, the first copy last. Found by the soak.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Hop } from '@hopspan/core';
import { KernelProbe } from './kernel-probe.ts';
import { request } from './packet.ts';
import { Stream, type Stretch } from './stream.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';

let spans = 0;
const spanOf = (n: number) => n.toString(16).padStart(16, '0');
const contextOf = (n: number) => `00-0af7651916cd43dd8448eb211c80319c-${spanOf(n)}-01`;
const get = (n: number) => request('accept: */*', `traceparent: ${contextOf(n)}`);
const response = (status: number, body = 'ok') =>
  `HTTP/1.1 ${status} Text\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('a connection that loses packets', { skip }, () => {
  let probe: KernelProbe;
  before(() => {
    probe = new KernelProbe({ responses: true, tableSlots: 65_536, ringBytes: 4 * 1024 * 1024 });
  });
  after(() => probe.close());

  /** Both of its ends at one device, so that each message makes a hop. */
  class Both {
    readonly #stream = new Stream(probe);
    /** Bytes of each stream that have been sent before. */
    asked = 0;
    answered = 0;

    constructor() {
      for (const hook of ['ingress', 'egress'] as const) this.#stream.open(hook);
    }

    /** Sends the text behind what was sent, cut into these stretches, in their order. */
    ask(text: string, order: readonly Stretch[] = [[0, text.length]]): void {
      for (const [from, to] of order) {
        const padded = 'x'.repeat(this.asked) + text;
        const stretch = [from + this.asked, to + this.asked] as const;
        for (const hook of ['ingress', 'egress'] as const)
          this.#stream.request(padded, stretch, { answered: this.answered, hook });
      }
      this.asked += text.length;
    }

    answer(text: string, order: readonly Stretch[] = [[0, text.length]]): void {
      for (const [from, to] of order) {
        const padded = 'x'.repeat(this.answered) + text;
        const stretch = [from + this.answered, to + this.answered] as const;
        for (const hook of ['egress', 'ingress'] as const)
          this.#stream.respond(padded, stretch, { heard: this.asked, hook });
      }
      this.answered += text.length;
    }
  }

  /** `number of the request: status` of every response hop. */
  const statuses = (hops: readonly Hop[]) =>
    hops
      .filter(({ kind }) => kind === 'response')
      .map(({ context, statusCode }) => `${context.spanId}: ${statusCode}`)
      .sort();
  const requests = (hops: readonly Hop[]) =>
    hops
      .filter(({ kind }) => kind === 'request')
      .map(({ context }) => context.spanId)
      .sort();
  const next = (count: number) => Array.from({ length: count }, () => ++spans);

  it('knows a body for one that came before its header', () => {
    const [outer = 0, decoy = 0, later = 0] = next(3);
    const body = get(decoy);
    const head = `POST / HTTP/1.1\r\ntraceparent: ${contextOf(outer)}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const both = new Both();
    both.ask(head + body, [
      [head.length, head.length + body.length],
      [0, head.length],
    ]);
    both.answer(response(201));
    both.ask(get(later));
    both.answer(response(404));
    const hops = probe.takeHops();
    assert.deepEqual(requests(hops), [outer, later].map(spanOf));
    assert.deepEqual(statuses(hops), [`${spanOf(outer)}: 201`, `${spanOf(later)}: 404`]);
  });

  it('does not wait for the rest of a copy that was cut short', () => {
    const [later = 0] = next(1);
    const both = new Both();
    const untraced = request('x: y');
    both.ask(untraced, [
      [0, untraced.length],
      [0, 20],
    ]);
    both.answer(response(200));
    both.ask(get(later));
    assert.deepEqual(requests(probe.takeHops()), [later].map(spanOf));
  });

  it('gives every response of a long pipeline to its request, and those that come after it', () => {
    const pipeline = next(12);
    const [later = 0] = next(1);
    const both = new Both();
    both.ask(pipeline.map(get).join(''));
    for (const [i] of pipeline.entries()) both.answer(response(200 + i));
    both.ask(get(later));
    both.answer(response(404));
    const found = statuses(probe.takeHops());
    const right = [...pipeline.map((n, i) => `${spanOf(n)}: ${200 + i}`), `${spanOf(later)}: 404`];
    for (const each of found) assert.ok(right.includes(each), each);
    assert.ok(found.includes(`${spanOf(later)}: 404`), 'what comes after a full queue is followed');
    assert.ok(found.length >= 8, `${found.length} responses`);
  });

  it('waits for the head of a response whose body came first', () => {
    const [one = 0] = next(1);
    const body = response(599, '');
    const text = response(200, body);
    const both = new Both();
    both.ask(get(one));
    const head = text.length - body.length;
    both.answer(text, [
      [head, text.length],
      [0, head],
    ]);
    assert.deepEqual(statuses(probe.takeHops()), [`${spanOf(one)}: 200`]);
  });

  it('tells responses of a pipeline apart that came in another order', () => {
    const pipeline = next(4);
    const [later = 0] = next(1);
    const both = new Both();
    both.ask(pipeline.map(get).join(''));
    const [first, second, third, fourth] = [200, 404, 503, 201].map((status) => response(status)) as [
      string,
      string,
      string,
      string,
    ];
    const text = first + second + third + fourth;
    const at = first.length;
    both.answer(text, [
      [at, at + second.length],
      [0, at],
      [at + second.length, text.length],
    ]);
    both.ask(get(later));
    both.answer(response(418));
    assert.deepEqual(statuses(probe.takeHops()), [
      ...[200, 404, 503, 201].map((status, i) => `${spanOf(pipeline[i] ?? 0)}: ${status}`),
      `${spanOf(later)}: 418`,
    ]);
  });
});
