// SPDX-License-Identifier: Apache-2.0
// What a real Jaeger answers is asserted in test/e2e/topology.test.ts; this is about answers that are none.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DiagLogger, diag } from '@opentelemetry/api';
import { JaegerTopology, type JaegerTopologyOptions, type Topology } from '../../src/index.ts';
import { type Answer, FakeApi, json } from '../api/fake-api.ts';

const dependencies = (...edges: readonly (readonly [string, string, number])[]): Answer =>
  json({ data: edges.map(([parent, child, callCount]) => ({ parent, child, callCount })), errors: null });
const shop = dependencies(['page', 'reviews', 7], ['reviews', 'ratings', 3]);
/** It takes the connection, and says nothing. */
const silence: Answer = () => undefined;
const page: Answer = (response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html>');

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries += 1) {
    if (condition()) return;
    await sleep(20);
  }
  assert.fail(`not within a minute: ${what}`);
}

describe('JaegerTopology', () => {
  let warnings: string[];
  let infos: string[];
  beforeEach(() => {
    warnings = [];
    infos = [];
    const ignore = () => undefined;
    const logger: DiagLogger = {
      error: (message) => warnings.push(message),
      warn: (message) => warnings.push(message),
      info: (message) => infos.push(message),
      ...{ debug: ignore, verbose: ignore },
    };
    diag.setLogger(logger, { suppressOverrideMessage: true });
    infos = [];
  });
  afterEach(() => diag.disable());

  async function startTopology(api: FakeApi, options: Partial<JaegerTopologyOptions> = {}) {
    const endpoint = api.access().server;
    const topology = new JaegerTopology({ endpoint, intervalMillis: 20, ...options });
    await topology.start();
    return Object.assign(topology, { [Symbol.asyncDispose]: () => topology.shutdown() });
  }

  it('asks for the calls up to now, as far back as it is told, and sends what it is given', async () => {
    await using api = await FakeApi.start(shop);
    const before = Date.now();
    await using topology = await startTopology(api, {
      endpoint: `${api.access().server}/base/`,
      lookbackMillis: 5000,
      headers: { authorization: 'Bearer t' },
    });
    const [seen] = api.seen;
    assert.deepEqual([seen?.path, seen?.token], ['/base/api/dependencies', 'Bearer t']);
    assert.equal(seen?.query.lookback, '5000');
    assert.ok(Number(seen?.query.endTs) >= before && Number(seen?.query.endTs) <= Date.now());
    assert.deepEqual(topology.topology?.edges, [
      { parent: 'page', child: 'reviews', calls: 7 },
      { parent: 'reviews', child: 'ratings', calls: 3 },
    ]);
    assert.deepEqual([...(topology.topology?.services ?? [])], ['page', 'reviews', 'ratings']);
  });

  it('leaves out calls within a service and to what is not of the mesh', async () => {
    const answer = dependencies(['page', 'page', 1], ['alone', 'overlay-network', 9], ['page', 'reviews', 1]);
    await using api = await FakeApi.start(answer);
    await using topology = await startTopology(api);
    assert.deepEqual([...(topology.topology?.services ?? [])], ['page', 'reviews']);
  });

  for (const [what, answer, reason] of [
    ['a status', json({ errors: [{ code: 500, msg: 'no storage' }] }, 500), /status 500: .*no storage/],
    ['a page', page, /expected a list of dependencies in JSON, got "<!DOCTYPE html>"/],
    ['JSON of something else', json({ status: 'ok' }), /expected a list of dependencies/],
    ['nothing', silence, /no answer within 1000 ms/],
  ] as const) {
    it(`knows nothing when it gets ${what}, says so once, and goes on asking`, async () => {
      await using api = await FakeApi.start(answer, answer, answer, shop);
      const told: Topology[] = [];
      await using topology = await startTopology(api, {
        timeoutMillis: 1000,
        onTopology: (each) => told.push(each),
      });
      assert.equal(topology.topology, undefined);
      assert.equal(topology.counters().topology_errors, 1);
      await until('it is there', () => topology.topology !== undefined);
      assert.ok((topology.counters().topology_errors ?? 0) >= 3);
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] ?? '',
        /^topology from http:\/\/127\.0\.0\.1:\d+: .*; going on without it, and trying again$/,
      );
      assert.match(warnings[0] ?? '', reason);
      assert.deepEqual(told[0], topology.topology);
      assert.equal(infos.filter((message) => message.includes('there again')).length, 1);
    });
  }

  it('keeps the last topology while there is no answer, or one without any call', async () => {
    await using api = await FakeApi.start(shop, dependencies(), json({}, 503), dependencies(), json({}, 503));
    await using topology = await startTopology(api);
    const known = topology.topology;
    await until('both have come', () => (topology.counters().topology_errors ?? 0) >= 2);
    assert.equal(topology.topology, known);
    assert.deepEqual([topology.counters().topology_services, topology.counters().topology_edges], [3, 2]);
    assert.equal(topology.counters().topology_empty, 2);
    assert.equal(warnings.length, 3);
    assert.match(warnings[0] ?? '', /it knows of no call between services/);
    assert.match(warnings[1] ?? '', /going on with what is known/);
  });

  it('refuses an answer that is too large to be one', async () => {
    const endless: Answer = (response) => {
      response.writeHead(200);
      const chunk = 'x'.repeat(1 << 20);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    };
    await using api = await FakeApi.start(endless);
    await using topology = await startTopology(api, { intervalMillis: 60_000, timeoutMillis: 60_000 });
    assert.equal(topology.counters().topology_errors, 1);
    assert.match(warnings[0] ?? '', /size/i);
  });

  it('ends with its owner while it asks', async () => {
    await using api = await FakeApi.start(silence);
    const topology = new JaegerTopology({ endpoint: api.access().server });
    const started = topology.start();
    await until('it has asked', () => api.seen.length === 1);
    await topology.shutdown();
    await started;
    assert.deepEqual([topology.counters().topology_errors, warnings], [0, []]);
  });

  for (const [what, fault] of Object.entries({
    'an endpoint that is no URL': { endpoint: 'jaeger:16686' },
    'no time between questions': { intervalMillis: 0 },
    'no time to look back on': { lookbackMillis: Number.NaN },
  })) {
    it(`refuses ${what}`, () => {
      assert.throws(() => new JaegerTopology({ endpoint: 'http://jaeger:16686', ...fault }), {
        code: 'HOPSPAN_ERR_INVALID_OPTION',
      });
    });
  }
});
