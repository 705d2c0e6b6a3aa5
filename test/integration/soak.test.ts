// SPDX-License-Identifier: Apache-2.0
// The mixed load of `npm run bench -- soak`, in small: what the clients have logged is held against the hops.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { lossesOf } from '../soak/explained.ts';
import { type RoundOutcome, SoakScene } from '../soak/scene.ts';
import { judgeSoak, type Verdict } from '../soak/verdict.ts';

const limits = { requests: 3000, connections: 4, timeoutMillis: 300_000, onProgress: () => undefined };

/* Conserved, not timed: it holds on a slow machine, too. */
describe('a mixed load', () => {
  it('is followed, each request and each response once, through VXLAN', async (t) => {
    await using scene = await SoakScene.create({ overlay: 'vxlan', podAttachment: 'routed' });
    const outcome = await scene.play({ ...limits, loseEveryNth: 0 });
    const verdict = report(t, outcome);
    assertFollowed(verdict);
    assert.equal(verdict.absent, 0);
    assert.equal(verdict.responseHops, verdict.requestHops);
  });

  it('is followed when one packet in 40 is lost on the wire', async (t) => {
    await using scene = await SoakScene.create({ overlay: 'none', podAttachment: 'bridged' });
    const outcome = await scene.play({ ...limits, loseEveryNth: 40 });
    assert.ok(outcome.lostOnWire > 0, 'packets were lost');
    const verdict = report(t, outcome);
    assert.ok(verdict.copies > 0, 'and sent again');
    assertFollowed(verdict);
  });
});

function assertFollowed(verdict: Verdict): void {
  const { sampled, missing, duplicate, misparented, wrongStatus, residual } = verdict;
  assert.ok(sampled > limits.requests / 2, 'there was traffic');
  assert.deepEqual(
    { missing, duplicate, misparented, wrongStatus, residual },
    { missing: 0, duplicate: 0, misparented: 0, wrongStatus: 0, residual: 0 },
  );
}

function report(t: TestContext, outcome: RoundOutcome): Verdict {
  const verdict = judgeSoak(outcome);
  const losses = Object.values(outcome.counters).map(lossesOf);
  t.diagnostic(JSON.stringify({ ...verdict, lostOnWire: outcome.lostOnWire, losses }));
  return verdict;
}
