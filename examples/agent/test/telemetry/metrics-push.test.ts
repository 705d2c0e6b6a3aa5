// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsPush } from '../../src/telemetry/metrics-push.ts';

type Answer = () => Promise<Response>;

function create(answers: Answer[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const warnings: string[] = [];
  const push = new MetricsPush({
    config: {
      interval: 1000,
      timeout: 500,
      exporter: { otlp_http: { endpoint: 'http://c:4318/', headers: { a: 'b' } } },
    },
    collect: () => ({ n: requests.length }),
    log: { warn: (message) => warnings.push(message) },
    fetch: async (url, init) => {
      requests.push({ url: String(url), init: init ?? {} });
      return (answers.shift() ?? ok)();
    },
  });
  return { push, requests, warnings };
}

const ok: Answer = async () => new Response('{}');
const refuse: Answer = async () =>
  Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }));

describe('MetricsPush', () => {
  it('sends at every interval and once at the end', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const { push, requests } = create([]);
    push.start();
    context.mock.timers.tick(2000);
    await push.shutdown();
    assert.deepEqual(
      requests.map(({ url, init }) => [url, init.method, init.body]),
      [
        ['http://c:4318/v1/metrics', 'POST', '{"n":0}'],
        ['http://c:4318/v1/metrics', 'POST', '{"n":1}'],
        ['http://c:4318/v1/metrics', 'POST', '{"n":2}'],
      ],
    );
    assert.deepEqual(requests[0]?.init.headers, { a: 'b', 'content-type': 'application/json' });
  });

  it('sends nothing when it was never started', async () => {
    const { push, requests } = create([]);
    await push.shutdown();
    assert.equal(requests.length, 0);
  });

  it('counts what fails and warns once until it works again', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const { push, warnings } = create([refuse, async () => new Response('', { status: 500 }), ok, refuse]);
    push.start();
    for (const _ of [1, 2, 3, 4]) {
      context.mock.timers.tick(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(push.counters(), { pushes: 4, push_failures: 3 });
    assert.deepEqual(
      warnings,
      Array(2).fill('metrics cannot be sent to http://c:4318/v1/metrics: connect ECONNREFUSED'),
    );
    await push.shutdown();
  });
});
