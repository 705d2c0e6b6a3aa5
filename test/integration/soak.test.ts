// SPDX-License-Identifier: Apache-2.0
// The mixed load of `npm run bench -- soak`, in small: what the clients have logged is held against the hops.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { lossesOf } from '../soak/explained.ts';
import { type RoundOutcome, SoakScene } from '../soak/scene.ts';
import { judgeSoak, type Verdict } from '../soak/verdict.ts';

const limits = { connections: 4, timeoutMillis: 300_000 };

describe('a mixed load through VXLAN', () => {
  let scene: SoakScene;
  before(async () => {
    scene = await SoakScene.create({ overlay: 'vxlan', podAttachment: 'routed' });
  });
  after(() => scene[Symbol.asyncDispose]());

  it('whose requests each begin a segment: every one is followed, once', async (t) => {
    const outcome = await scene.play({
      ...limits,
      requests: 2000,
      loseEveryNth: 0,
      kinds: ['keepAlive', 'longHeader'],
      onProgress: () => undefined,
    });
    const verdict = report(t, outcome);
    assert.ok(verdict.sampled > 1500, 'there was traffic');
    assert.equal(verdict.requestHops, verdict.requestHopsExpected);
    assertTrue(verdict);
  });

  it('and again when one packet in 40 is lost on the wire', async (t) => {
    const outcome = await scene.play({
      ...limits,
      requests: 2000,
      loseEveryNth: 40,
      kinds: ['keepAlive'],
      onProgress: () => undefined,
    });
    const verdict = report(t, outcome);
    assert.ok(outcome.lostOnWire > 0 && verdict.copies > 0, 'packets were lost');
    assert.equal(verdict.requestHops, verdict.requestHopsExpected);
    assertTrue(verdict);
  });
});

function assertTrue({ duplicate, misparented, wrongStatus, residual }: Verdict): void {
  assert.deepEqual(
    { duplicate, misparented, wrongStatus, residual },
    { duplicate: 0, misparented: 0, wrongStatus: 0, residual: 0 },
  );
}

function report(t: TestContext, outcome: RoundOutcome): Verdict {
  const verdict = judgeSoak(outcome);
  t.diagnostic(
    JSON.stringify({
      ...verdict,
      lostOnWire: outcome.lostOnWire,
      losses: Object.values(outcome.counters).map(lossesOf),
    }),
  );
  return verdict;
}
