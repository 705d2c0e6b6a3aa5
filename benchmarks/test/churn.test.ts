// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podIdOf, traceIdOf } from '../churn/cycles.ts';
import type { Holdings, OwnedHop } from '../churn/messages.ts';
import { summarize } from '../churn/summary.ts';

const before: Holdings = { interfaces: 2, links: 4, descriptors: 40, residentBytes: 2 ** 20 };
const hop = (
  cycle: number,
  kind: OwnedHop['kind'],
  clientOwner: string | null = podIdOf(cycle),
): OwnedHop => ({
  traceId: traceIdOf(cycle),
  kind,
  clientOwner,
});
const both = (cycle: number): OwnedHop[] => [hop(cycle, 'request'), hop(cycle, 'response')];

function verdicts(hops: OwnedHop[], { after = before, attachMillis = [30, 40], refused = 0 } = {}) {
  const counters = { interfaces_refused: refused };
  const { targets } = summarize({ attachMillis, before, after }, { hops, counters, longestStallMillis: 0 });
  const failed = targets.filter(({ value, op, target }) =>
    op === '==' ? value !== target : (value ?? Infinity) > target,
  );
  return Object.fromEntries(failed.map(({ id, value }) => [id, value]));
}

describe('the verdict on churn', () => {
  it('is good when every pod has its two hops, by its own device', () => {
    assert.deepEqual(verdicts([...both(0), ...both(1)]), {});
  });

  it('counts hops that are missing, twice there, or of the wrong pod', () => {
    assert.deepEqual(verdicts(both(0)), { podsNotTraced: 1 });
    assert.deepEqual(verdicts([...both(0), hop(1, 'request')]), { podsNotTraced: 1 });
    assert.deepEqual(verdicts([...both(0), hop(1, 'request'), hop(1, 'request')]), { podsNotTraced: 1 });
    const wrong = [hop(1, 'request'), hop(1, 'response', podIdOf(0))];
    assert.deepEqual(verdicts([...both(0), ...wrong]), { wrongOwner: 1 });
    const without = [hop(1, 'request', null), hop(1, 'response')];
    assert.deepEqual(verdicts([...both(0), ...without]), { withoutOwner: 1 });
  });

  it('counts what stayed behind, was late or was refused', () => {
    const after = { ...before, links: 6, interfaces: 3, descriptors: 42 };
    assert.deepEqual(verdicts([...both(0), ...both(1)], { after, attachMillis: [5, 1200], refused: 1 }), {
      attachP99Ms: 1200,
      attachMaxMs: 1200,
      linksLeaked: 2,
      interfacesLeaked: 1,
      descriptorsLeaked: 2,
      refused: 1,
    });
  });
});
