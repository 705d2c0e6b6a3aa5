// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Hop } from '@hopspan/core';
import { KernelProbe } from './kernel-probe.ts';
import { TCP_FLAG } from './layers.ts';
import { request } from './packet.ts';
import { cut, Stream, type Stretch } from './stream.ts';

const skip = process.getuid?.() === 0 ? false : 'loading BPF programs takes root';

let spans = 0;
const contextOf = (flags = '01') =>
  `00-0af7651916cd43dd8448eb211c80319c-${(++spans).toString(16).padStart(16, '0')}-${flags}`;

/** What a response must be told to be: the span of its request, its status, where in the stream it begins. */
type Told = readonly [span: string, status: number, at: number];

const ok = (body: string, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (body: string) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${
    body && `${body.length.toString(16)}\r\n${body}\r\n`
  }0\r\n\r\n`;

/** At both hooks together. */
function countersOf(probe: KernelProbe): Record<string, number> {
  const [into, out] = [probe.counters('ingress'), probe.counters('egress')];
  return Object.fromEntries(Object.entries(into).map(([name, count]) => [name, count + (out[name] ?? 0)]));
}

describe('responses', { skip }, () => {
  let probe: KernelProbe;
  before(() => {
    probe = new KernelProbe({
      responses: true,
      connectionSlots: 65_536,
      tableSlots: 65_536,
      ringBytes: 4 * 1024 * 1024,
    });
  });
  after(() => probe.close());

  /** Sends both streams past two devices, the client's and the server's, which here are the two ways through one. */
  class Exchange {
    readonly stream = new Stream(probe, { serverStart: 0xffff_ffc0 });
    readonly #before = countersOf(probe);
    requests = '';
    responses = '';

    request(text: string, flags = TCP_FLAG.ack): this {
      const from = this.requests.length;
      this.requests += text;
      const answered = this.responses.length;
      for (const hook of ['ingress', 'egress'] as const) {
        this.stream.request(this.requests, [from, this.requests.length], { answered, flags, hook });
      }
      return this;
    }

    respond(text: string, stretches: readonly Stretch[] = [[0, text.length]], flags = TCP_FLAG.ack): this {
      const from = this.responses.length;
      this.responses += text;
      const heard = this.requests.length;
      for (const hook of ['egress', 'ingress'] as const) {
        for (const [begin, end] of stretches) {
          const stretch = [from + begin, from + end] as const;
          this.stream.respond(this.responses, stretch, { heard, flags, hook });
        }
      }
      return this;
    }

    assertTold(expected: readonly Told[], what = ''): void {
      const hops = probe.takeHops().filter(({ kind }) => kind === 'response');
      const told = hops.map((hop): Told => [hop.context.spanId, hop.statusCode ?? 0, this.#offsetOf(hop)]);
      assert.deepEqual(told.toSorted(), expected.toSorted(), what);
      for (const hop of hops) {
        assert.deepEqual([hop.from.source.port, hop.from.source.address], [8080, '10.0.1.2'], what);
        assert.equal(hop.retransmission, 0, what);
      }
    }

    #offsetOf({ streamPosition }: Hop): number {
      return (streamPosition - this.stream.serverStart) >>> 0;
    }

    /** What the programs have counted since this exchange began, at both hooks. */
    get counts(): Record<string, number> {
      const now = Object.entries(countersOf(probe));
      return Object.fromEntries(now.map(([name, count]) => [name, count - (this.#before[name] ?? 0)]));
    }
  }

  const get = (context: string, method = 'GET') => request(`traceparent: ${context}`).replace('GET', method);
  const spanOf = (context: string) => context.slice(36, 52);

  it('have the context of their request, its status, and the ends turned round', () => {
    const context = contextOf();
    const exchange = new Exchange().request(get(context)).respond(ok('x', '503 Nope'));
    exchange.assertTold([[spanOf(context), 503, 0]]);
    assert.deepEqual([exchange.counts.response_awaited, exchange.counts.response_paired], [2, 2]);
  });

  it('are found on a connection that is kept, one after another', () => {
    const exchange = new Exchange();
    const told: Told[] = [];
    for (const status of [200, 404, 500]) {
      const context = contextOf();
      told.push([spanOf(context), status, exchange.responses.length]);
      exchange.request(get(context)).respond(ok('HTTP/1.1 599 in the body\r\n', `${status} X`));
    }
    exchange.assertTold(told);
  });

  it('are found when their status line is split at any byte', () => {
    for (let at = 1; at < 60; at += 1) {
      const context = contextOf();
      const text = ok('x'.repeat(60));
      new Exchange()
        .request(get(context))
        .respond(text, cut(text, at))
        .assertTold([[spanOf(context), 200, 0]], `${at}`);
    }
  });

  const bodies: [what: string, make: (body: string) => string][] = [
    ['with lengths', ok],
    ['in chunks', chunked],
  ];
  for (const [what, make] of bodies) {
    it(`to pipelined requests are told apart, ${what}, wherever a segment ends`, () => {
      for (let at = 0; at < 200; at += 3) {
        const contexts = [contextOf(), contextOf('00'), contextOf()];
        const parts = [make('a\r\nHTTP/1.1 599 no\r\n\r\n'), make(''), make('c')];
        const exchange = new Exchange().request(contexts.map((each) => get(each)).join(''));
        const text = parts.join('');
        exchange.respond(text, at > 0 && at < text.length ? cut(text, at) : undefined);
        const third = (parts[0]?.length ?? 0) + (parts[1]?.length ?? 0);
        exchange.assertTold(
          [
            [spanOf(contexts[0] ?? ''), 200, 0],
            [spanOf(contexts[2] ?? ''), 200, third],
          ],
          `cut at ${at}`,
        );
      }
    });
  }

  it('count the untraced requests before them in the same segment', () => {
    const context = contextOf();
    const exchange = new Exchange().request(request() + get(context)).respond(ok('1') + ok('22'));
    exchange.assertTold([[spanOf(context), 200, ok('1').length]]);
    assert.equal(exchange.counts.response_untraced, 2);
  });

  it('before the final one are passed over', () => {
    const context = contextOf();
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
    new Exchange()
      .request(get(context))
      .respond(interim + ok(''))
      .assertTold([[spanOf(context), 200, interim.length]]);
    const other = contextOf();
    const exchange = new Exchange().request(get(other)).respond(interim).respond(ok(''));
    exchange.assertTold([[spanOf(other), 200, interim.length]]);
    assert.equal(exchange.counts.response_interim, 4);
  });

  it('come before the body of their request has ended', () => {
    const context = contextOf();
    const post = `POST / HTTP/1.1\r\ntraceparent: ${context}\r\nContent-Length: 90\r\n\r\n${'x'.repeat(40)}`;
    const next = contextOf();
    const exchange = new Exchange().request(post).respond(ok('', '413 Too Large')).request('y'.repeat(50));
    exchange.request(get(next)).respond(ok('z'));
    exchange.assertTold([
      [spanOf(context), 413, 0],
      [spanOf(next), 200, ok('', '413 Too Large').length],
    ]);
  });

  it('without a body are known as such: HEAD, 204, 304', () => {
    const contexts = [contextOf(), contextOf(), contextOf(), contextOf()];
    const [a = '', b = '', c = '', d = ''] = contexts;
    const texts = [
      'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n',
      ok('d'),
    ];
    const exchange = new Exchange()
      .request(get(a, 'HEAD') + get(b) + get(c) + get(d))
      .respond(texts.join(''));
    const at = (n: number) => texts.slice(0, n).join('').length;
    exchange.assertTold([
      [spanOf(a), 200, 0],
      [spanOf(b), 204, at(1)],
      [spanOf(c), 304, at(2)],
      [spanOf(d), 200, at(3)],
    ]);
  });

  it('end with the connection', () => {
    for (const [flags, ofServer] of [
      [TCP_FLAG.rst, true],
      [TCP_FLAG.rst, false],
      [TCP_FLAG.fin | TCP_FLAG.ack, true],
    ] as const) {
      const exchange = new Exchange().request(get(contextOf()));
      if (ofServer) exchange.respond('', undefined, flags);
      else exchange.request('', flags);
      exchange.assertTold([]);
      assert.deepEqual(
        [exchange.counts.response_closed, exchange.counts.connection_closed],
        [2, 2],
        `${flags} ${ofServer}`,
      );
    }
  });

  it('are told once when the connection ends with them', () => {
    const context = contextOf();
    const exchange = new Exchange().request(get(context));
    exchange.respond('HTTP/1.0 200 OK\r\n\r\nuntil the end', undefined, TCP_FLAG.fin | TCP_FLAG.ack);
    exchange.assertTold([[spanOf(context), 200, 0]]);
    assert.equal(exchange.counts.response_closed, 0);
  });

  it('are not mistaken for their body that comes before them and looks like one', () => {
    const context = contextOf();
    const text = ok('HTTP/1.1 599 Decoy\r\n\r\n');
    const begin = text.indexOf('HTTP/1.1 599');
    const exchange = new Exchange().request(get(context));
    exchange.respond(text, [
      [begin, text.length],
      [0, begin],
    ]);
    exchange.assertTold([[spanOf(context), 200, 0]]);
  });

  it('that pass unseen do not stand in the way of later ones', () => {
    const [first, second] = [contextOf(), contextOf()];
    const exchange = new Exchange().request(get(first));
    exchange.responses += ok('unseen');
    exchange.request(get(second)).respond(ok('seen', '201 Created'));
    exchange.assertTold([[spanOf(second), 201, ok('unseen').length]]);
    assert.equal(exchange.counts.response_missed, 2);
  });

  it('that are sent again are known as copies', () => {
    const context = contextOf();
    const text = ok('body');
    const exchange = new Exchange().request(get(context)).respond(text, [
      [0, text.length],
      [0, text.length],
    ]);
    const hops = probe.takeHops().filter(({ kind }) => kind === 'response');
    assert.deepEqual(
      hops.map(({ retransmission }) => retransmission),
      [1],
    );
    assert.equal(exchange.counts.repeated, 2);
  });

  it('to more requests than can be awaited are not mistaken', () => {
    const contexts = Array.from({ length: 20 }, () => contextOf());
    const exchange = new Exchange().request(contexts.map((each) => get(each)).join(''));
    const text = contexts.map((_, i) => ok(`${i % 10}`)).join('');
    exchange.respond(text);
    const last = contextOf();
    exchange.request(get(last)).respond(ok('last', '201 Created'));
    exchange.assertTold([
      ...contexts.slice(0, 15).map((each, i): Told => [spanOf(each), 200, i * ok('0').length]),
      [spanOf(last), 201, text.length],
    ]);
    assert.equal(exchange.counts.pipeline_full, 10);
  });

  it('behind a tunnel are none', () => {
    const context = contextOf();
    const exchange = new Exchange()
      .request(get(context).replace('accept', 'upgrade'))
      .respond('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    exchange.request(get(contextOf())).respond(ok('not HTTP any more'));
    exchange.assertTold([[spanOf(context), 101, 0]]);
  });

  it('leave no sum open', () => {
    const { responses_awaited: awaited, connections } = probe.sweep();
    const counts = countersOf(probe);
    const sum = (...names: string[]) => names.reduce((total, name) => total + (counts[name] ?? 0), 0);
    assert.equal(
      counts.response_awaited,
      sum('response_paired', 'response_missed', 'response_closed', 'response_evicted', 'response_expired') +
        awaited,
    );
    assert.equal(
      counts.response,
      sum('response_paired', 'response_interim', 'response_untraced', 'response_unarmed'),
    );
    assert.equal(
      counts.connection_opened,
      sum('connection_closed', 'connection_evicted', 'connection_expired') + connections,
    );
  });
});
