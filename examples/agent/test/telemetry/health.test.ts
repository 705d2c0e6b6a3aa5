// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AgentState, answerHealth } from '../../src/telemetry/health.ts';

const counters = {
  receivers: {},
  points: [],
  table: { live: 0, held: 0, suspected: 0, capacity: 1 },
  clock: {},
  pipeline: { received: 7 },
  processors: {},
  exporters: {},
  histogram: {},
  metrics: {},
};

function ask(path: string, state: AgentState = 'ok') {
  const answer = answerHealth(new URL(path, 'http://localhost'), {
    state: () => state,
    startTime: () => new Date(0),
    components: () => ({ 'exporters/a': { status: 'degraded', reason: 'away' } }),
    counters: () => counters,
  });
  return answer && { status: answer.status, body: JSON.parse(answer.body) as unknown };
}

describe('answerHealth', () => {
  for (const [state, status] of [
    ['starting', 503],
    ['ok', 200],
    ['stopping', 503],
  ] as const) {
    it(`answers ${status} while ${state}`, () => {
      assert.deepEqual(ask('/', state), {
        status,
        body: { status: state, start_time: '1970-01-01T00:00:00.000Z' },
      });
    });
  }
  it('tells of the components when asked, and stays healthy when one is degraded', () => {
    const answer = ask('/status?verbose');
    assert.equal(answer?.status, 200);
    assert.deepEqual((answer?.body as { components: unknown } | undefined)?.components, {
      'exporters/a': { status: 'degraded', reason: 'away' },
    });
  });
  it('serves every counter', () => assert.deepEqual(ask('/debug/counters'), { status: 200, body: counters }));
  it('knows no other path', () => assert.equal(ask('/debug'), undefined));
});
