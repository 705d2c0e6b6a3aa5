// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Hop, type LostMessage, ProbabilisticSampler } from '../src/index.ts';
import { makeHop } from './make-hop.ts';

const TRACES = 20_000;
/** As good as random, and the same in every run. */
const traceIds = Array.from({ length: TRACES }, (_, i) =>
  createHash('sha256').update(`trace ${i}`).digest('hex').slice(0, 32),
);

function hopOf(traceId: string, traceState?: string): Hop {
  const hop = makeHop();
  return {
    ...hop,
    context: { ...hop.context, traceId, ...(traceState === undefined ? {} : { traceState }) },
  };
}

function keptAt(samplingPercentage: number, ids: readonly string[] = traceIds): Set<string> {
  const sampler = new ProbabilisticSampler({ samplingPercentage });
  return new Set(sampler.process(ids.map((id) => hopOf(id))).map(({ context }) => context.traceId));
}

/** A trace id that ends in these digits. */
const idOf = (randomness: string): string => `4bf92f3577b34da6a3${randomness}`;

describe('ProbabilisticSampler', () => {
  // Thresholds as the specification of OpenTelemetry's tracestate gives them for these probabilities.
  for (const [percentage, threshold, below] of [
    [50, '80000000000000', '7fffffffffffff'],
    [25, 'c0000000000000', 'bfffffffffffff'],
    [75, '40000000000000', '3fffffffffffff'],
    [6.25, 'f0000000000000', 'efffffffffffff'],
  ] as const) {
    it(`keeps at ${percentage} % what is not below ${threshold}`, () => {
      assert.deepEqual([...keptAt(percentage, [idOf(threshold), idOf(below)])], [idOf(threshold)]);
    });
  }

  it('rounds a threshold no further than to the digits that the Collector writes', () => {
    for (const [percentage, digits] of [
      [10, 'e666'],
      [1, 'fd70a'],
      [0.1, 'ffbe77'],
    ] as const) {
      const next = (BigInt(`0x${digits}`) + 1n).toString(16);
      const before = (BigInt(`0x${digits}`) - 1n).toString(16);
      const kept = keptAt(percentage, [idOf(next.padEnd(14, '0')), idOf(before.padEnd(14, '0'))]);
      assert.deepEqual([...kept], [idOf(next.padEnd(14, '0'))], digits);
    }
  });

  it('keeps as many as it should: within five standard deviations', () => {
    for (const percentage of [0.5, 10, 33.3, 90]) {
      const p = percentage / 100;
      const deviation = Math.abs(keptAt(percentage).size - p * TRACES) / Math.sqrt(TRACES * p * (1 - p));
      assert.ok(deviation < 5, `${percentage} %: ${deviation}`);
    }
  });

  it('keeps at a higher percentage whatever it keeps at a lower one', () => {
    const few = keptAt(10);
    const many = keptAt(11);
    assert.ok(many.size > few.size && [...few].every((id) => many.has(id)));
  });

  it('keeps all, and none', () => {
    const extremes = [idOf('00000000000000'), idOf('ffffffffffffff')];
    assert.deepEqual([...keptAt(100, extremes)], extremes);
    assert.deepEqual([...keptAt(0, extremes)], []);
    assert.deepEqual([...keptAt(1e-30, extremes)], [extremes[1]], 'the least that can be said');
  });

  it('goes by the randomness that the tracestate names, and by no other text in it', () => {
    const sampler = new ProbabilisticSampler({ samplingPercentage: 50 });
    const states: readonly (readonly [string, boolean])[] = [
      ['ot=rv:ffffffffffffff', true],
      ['x=1,ot=th:0;rv:80000000000000', true],
      ['ot=rv:7fffffffffffff;th:0', false],
      ['x=rv:ffffffffffffff', false],
      ['ot=rv:fffffff', false],
      ['ot=xrv:ffffffffffffff', false],
    ];
    for (const [state, kept] of states)
      assert.equal(sampler.process([hopOf(idOf('00000000000000'), state)]).length, kept ? 1 : 0, state);
  });

  it('treats lost messages as hops, counts what it drops, and can be told another percentage', () => {
    const sampler = new ProbabilisticSampler({ samplingPercentage: 50 });
    const hops = [
      hopOf(idOf('90000000000000')),
      hopOf(idOf('10000000000000')),
      hopOf(idOf('10000000000000')),
    ];
    const lost = hops.map(
      ({ context, from }): LostMessage => ({
        ...{ kind: 'request', context, from, durationNs: 1, clockOffsetNs: 0n, streamPosition: 1 },
        ...{ retransmission: 0, copies: 0, evidence: 'retransmission' },
      }),
    );
    assert.deepEqual(sampler.process(hops), [hops[0]]);
    assert.deepEqual(sampler.processLost(lost), [lost[0]]);
    sampler.configure({ samplingPercentage: 100 });
    assert.equal(sampler.process(hops).length, 3);
    assert.deepEqual(sampler.counters(), { hops: 6, hops_not_sampled: 2, lost: 3, lost_not_sampled: 2 });
  });

  for (const samplingPercentage of [-1, 100.1, Number.NaN])
    it(`refuses ${samplingPercentage}`, () => {
      assert.throws(() => new ProbabilisticSampler({ samplingPercentage }), {
        code: 'HOPSPAN_ERR_INVALID_OPTION',
      });
    });
});
