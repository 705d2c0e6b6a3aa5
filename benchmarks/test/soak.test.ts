// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentCounters } from '@hopspan/test/lab/agent.ts';
import { body } from '@hopspan/test/soak/client/kinds/body.ts';
import { longHeader } from '@hopspan/test/soak/client/kinds/long-header.ts';
import { pipelined } from '@hopspan/test/soak/client/kinds/pipelined.ts';
import { split } from '@hopspan/test/soak/client/kinds/split.ts';
import { ResponseReader } from '@hopspan/test/soak/client/response-reader.ts';
import type { SeenHop } from '@hopspan/test/soak/seen-hop.ts';
import type { TruthEntry } from '@hopspan/test/soak/truth.ts';
import { judgeSoak } from '@hopspan/test/soak/verdict.ts';
import { getRounds } from '../soak/rounds.ts';
import { summarize } from '../soak/summary.ts';

const places = {
  clientNode: 'node1',
  servers: {
    near: { node: 'node1', endpoint: '10.42.1.2:8080' },
    far: { node: 'node2', endpoint: '10.42.2.2:8080' },
  },
};
const entry: TruthEntry = {
  kind: 'keepAlive',
  context: 'a-b',
  sampled: true,
  decoys: ['d-e'],
  source: '10.42.1.3:50000',
  destination: '10.43.0.10:80',
  status: 503,
  server: 'far',
};
const hop = { context: 'a-b', retransmission: 0, status: undefined };
const { source, destination } = entry;
const { endpoint } = places.servers.far;
const whole: readonly SeenHop[] = [
  { ...hop, kind: 'request', node: 'node1', direction: 'transmit', source, destination },
  { ...hop, kind: 'request', node: 'node2', direction: 'receive', source: 'node', destination: endpoint },
  { ...hop, kind: 'response', node: 'node2', direction: 'transmit', source: endpoint, destination: 'node' },
  { ...hop, kind: 'response', node: 'node1', direction: 'receive', source: destination, destination: source },
].map((each) => (each.kind === 'response' ? { ...each, status: 503 } : each));

function counters(kernel: Record<string, number> = {}): AgentCounters {
  return {
    receivers: { ebpf_hops: kernel },
    points: [],
    table: { live: 0, held: 0, suspected: 0, capacity: 8192 },
    pipeline: {},
    exporters: {},
  };
}

const judge = (hops: readonly SeenHop[], node1 = counters(), node2 = counters(), truth = [entry]) =>
  judgeSoak({ truth, hops, counters: { node1, node2 }, places });
const without = (...indices: number[]) => whole.filter((_, i) => !indices.includes(i));

describe('judgeSoak', () => {
  it('finds nothing wrong with an exchange between two nodes that has its four hops', () => {
    const { requestHops, responseHops, absent, missing, duplicate, misparented, wrongStatus } = judge(whole);
    assert.deepEqual([requestHops, responseHops], [2, 2]);
    assert.deepEqual([absent, missing, duplicate, misparented, wrongStatus], [0, 0, 0, 0, 0]);
  });

  it('expects one local hop each way within a node, and none of what is not sampled', () => {
    const near = { ...entry, server: 'near' };
    const unsampled = { ...entry, context: 'u-n', sampled: false };
    const plain = { ...entry, context: undefined };
    const verdict = judge([], undefined, undefined, [near, unsampled, plain]);
    assert.deepEqual([verdict.requestHopsExpected, verdict.responseHopsExpected], [1, 1]);
    assert.deepEqual([verdict.requests, verdict.sampled, verdict.missing], [3, 1, 2]);
  });

  it('lets a loss be explained by a counter of its own node only, and by none of ordinary traffic', () => {
    assert.equal(judge(without(0)).missing, 1);
    assert.equal(judge(without(0), counters({ header_expired: 1 })).missing, 0);
    assert.equal(judge(without(0), counters(), counters({ header_expired: 9 })).missing, 1);
    assert.equal(
      judge(without(0), counters({ no_context: 9, unsampled: 9, not_http: 9, header_split: 9 })).missing,
      1,
    );
    assert.equal(judge(without(0, 3), counters({ ring_full: 1 })).missing, 1);
    assert.deepEqual(judge(without(0, 3)).absentBy, { 'keepAlive request': 1, 'keepAlive response': 1 });
  });

  it('takes a retransmitted copy for what it is, and the same copy twice for a duplicate', () => {
    const copy = { ...(whole[0] as SeenHop), retransmission: 1 };
    assert.deepEqual([judge([...whole, copy]).duplicate, judge([...whole, copy]).copies], [0, 1]);
    assert.equal(judge([...whole, copy, copy]).duplicate, 1);
    assert.equal(judge([copy, ...without(0)]).missing, 0);
  });

  it('finds hops that belong to nobody', () => {
    const [first] = whole as [SeenHop];
    for (const stray of [
      { ...first, context: 'd-e' },
      { ...first, node: 'node2' },
      { ...first, direction: 'local' },
      { ...first, source: '10.42.1.3:50001' },
    ]) {
      assert.equal(judge([...whole, stray]).misparented, 1, JSON.stringify(stray));
    }
  });

  it('compares the status of every response hop', () => {
    assert.equal(judge([...without(3), { ...(whole[3] as SeenHop), status: 200 }]).wrongStatus, 1);
  });

  it('adds up what no sum accounts for', () => {
    assert.equal(judge(whole, counters({ sightings: 5, first: 3 })).residual, 2 + 3);
  });
});

describe('the summary of the soak', () => {
  const tcp = { client: { sent: 1000, retransmitted: 10 } };
  const outcome = { counters: { node1: counters({ swept: 3 }) }, lostOnWire: 12, tcp };
  const { targets, rows } = summarize([{ name: 'round', outcome, verdict: judge(without(0)) }], 1);
  const figureOf = (id: string) => targets.find((target) => target.id === id)?.value;

  it('asks for none of what must not be, and as many response hops as request hops', () => {
    for (const id of ['missing', 'duplicate', 'misparented', 'residual', 'wrongStatus']) {
      const { op, target } = targets.find((each) => each.id === id) ?? {};
      assert.deepEqual([op, target], ['==', 0], id);
    }
    assert.equal(figureOf('missing'), 1);
    assert.equal(figureOf('retransmittedPercent'), 1);
    const responses = targets.find(({ id }) => id === 'responses');
    assert.deepEqual([responses?.value, responses?.target], [2, 1]);
    assert.equal(rows[0]?.losses, 'node1: swept 3');
  });

  it('plans 100,000 requests', () => {
    assert.equal(
      getRounds(false).reduce((sum, { requests }) => sum + requests, 0),
      100_000,
    );
  });
});

describe('the kinds of load', () => {
  it('cut a request at every byte', () => {
    const cuts = new Map<number, Set<number>>();
    for (let n = 0; n < 3000; n += 1) {
      const { requests, pieces } = split(n);
      const bytes = requests[0]?.bytes ?? Buffer.alloc(0);
      assert.deepEqual(Buffer.concat(pieces as Buffer[]), bytes);
      const seen = cuts.get(n % 3) ?? new Set();
      const dribbled = pieces.length > 3;
      let cut = 0;
      for (const piece of dribbled ? [] : pieces.slice(0, -1)) {
        cut += piece.length;
        seen.add(cut);
      }
      cuts.set(n % 3, seen);
      if (n >= 2997) assert.equal(seen.size, bytes.length - 1);
    }
  });

  it('make heads of 4,096 bytes with the context at every place', () => {
    const heads = Array.from({ length: 17 }, (_, n) => longHeader(n).requests[0]?.head.toString() ?? '');
    assert.ok(heads.every((head) => head.length === 4096));
    assert.equal(new Set(heads.map((head) => head.indexOf('traceparent'))).size, 17);
  });

  it('put several requests into one write, and note the contexts that stand in bodies', () => {
    const { requests, pieces } = pipelined(2);
    assert.deepEqual([requests.length, pieces.length], [4, 1]);
    assert.equal(requests[3]?.entry.decoys.length, 1);
    for (let n = 0; n < 5; n += 1) {
      const [request] = body(n).requests;
      for (const decoy of request?.entry.decoys ?? ['']) assert.ok(request?.body.includes(decoy));
    }
  });
});

describe('ResponseReader', () => {
  it('cuts a stream into responses, wherever it is cut itself', () => {
    const text =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx-server: far\r\nContent-Length: 9\r\n\r\nHTTP/1.1 ' +
      'HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 500 No\r\n\r\n';
    const reader = new ResponseReader();
    let finals = 0;
    const statuses: number[] = [];
    for (const byte of text) {
      const isHead = (n: number): boolean => finals + n === 2;
      for (const { status } of reader.read(byte, isHead)) {
        statuses.push(status);
        if (status >= 200) finals += 1;
      }
    }
    assert.deepEqual(statuses, [100, 200, 304, 200, 500]);
  });
});
