// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { BudgetProcessorOptions } from '../src/budget-options.ts';
import { BudgetProcessor } from '../src/budget-processor.ts';
import type { Hop } from '../src/hop.ts';
import { budgetTotalNs } from '../src/latency-budget.ts';
import { hopBetween, REQUEST, responseBetween } from './request-hops.ts';

const clientRequest = (overrides = {}) => hopBetween(['vport<', 1000], ['nic>', 1012], overrides);
const clientResponse = (overrides = {}) => responseBetween(['nic<', 5000], ['vport>', 5009], overrides);
const CLIENT = {
  role: 'client',
  requestPosition: REQUEST,
  requestNs: 12,
  betweenNs: 3988,
  responseNs: 9,
  retransmission: 0,
};

const budgetsOf = (hops: readonly Hop[]) => hops.flatMap(({ budget }) => budget ?? []);

/** Not 0, and whether the sum closes. */
function talliesOf(processor: BudgetProcessor): Record<string, number> {
  const counters = processor.counters();
  const { opened, completed, evicted, misdirected, waiting } = counters;
  const { expired_request, expired_response, expired_partial } = counters;
  assert.equal(
    opened,
    completed + expired_request + expired_response + expired_partial + evicted + misdirected + waiting,
  );
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value > 0));
}

function run(hops: readonly Hop[], options?: BudgetProcessorOptions) {
  const processor = new BudgetProcessor(options);
  const out = processor.process(hops);
  assert.equal(out.length, hops.length);
  return { processor, out, budgets: budgetsOf(out), tallies: talliesOf(processor) };
}

describe('BudgetProcessor', () => {
  it("tells the client's side: transmit, away, receive, on the response", () => {
    const hops = [clientRequest(), clientResponse()];
    const { out, tallies } = run(hops);
    assert.equal(out[0], hops[0]);
    assert.deepEqual(out[1], { ...hops[1], budget: CLIENT });
    assert.deepEqual(tallies, { opened: 1, completed: 1 });
  });

  it("tells the server's side: receive, in the pod, transmit", () => {
    const { budgets } = run([
      hopBetween(['nic<', 50], ['vport>', 57]),
      responseBetween(['vport<', 1057], ['nic>', 1060]),
    ]);
    assert.deepEqual(budgets, [{ ...CLIENT, role: 'server', requestNs: 7, betweenNs: 1000, responseNs: 3 }]);
    assert.equal(budgetTotalNs(budgets[0] as NonNullable<Hop['budget']>), 1010);
  });

  it('tells of two pods on one node, and of a node that routes', () => {
    const local = run([
      hopBetween(['vport<', 1], ['vport>', 4]),
      responseBetween(['vport<', 10], ['vport>', 15]),
    ]);
    assert.deepEqual(local.budgets, [
      { ...CLIENT, role: 'local', requestNs: 3, betweenNs: 6, responseNs: 5 },
    ]);
    const forward = run([hopBetween(['nic<', 1], ['nic>', 4]), responseBetween(['nic<', 10], ['nic>', 15])]);
    assert.equal(forward.budgets[0]?.role, 'forward');
  });

  it('is exact to the nanosecond whatever the clock offsets, and across days', () => {
    const day = 86_400_000_000_000;
    const { budgets } = run([
      hopBetween(['vport<', 40 * day], ['nic>', 40 * day + 1], { clockOffsetNs: 5n }),
      responseBetween(['nic<', 41 * day + 3], ['vport>', 41 * day + 4], { clockOffsetNs: -9_000_000_000n }),
    ]);
    assert.deepEqual(budgets, [{ ...CLIENT, requestNs: 1, betweenNs: day + 2, responseNs: 1 }]);
  });

  it('works across batches and leaves a batch without a budget as it is', () => {
    const processor = new BudgetProcessor();
    const first = [clientRequest()];
    assert.equal(processor.process(first), first);
    assert.equal(processor.counters().waiting, 1);
    assert.deepEqual(budgetsOf(processor.process([clientResponse()])), [CLIENT]);
  });

  it('puts the budget on the response wherever it stands in the batch, as rings of two CPUs are read', () => {
    const { out } = run([clientResponse(), clientRequest()]);
    assert.deepEqual(
      out.map(({ budget }) => budget),
      [CLIENT, undefined],
    );
  });

  it('puts the budget on the request when its hop comes in a later batch', () => {
    const processor = new BudgetProcessor();
    assert.deepEqual(budgetsOf(processor.process([clientResponse()])), []);
    assert.deepEqual(budgetsOf(processor.process([clientRequest()])), [CLIENT]);
  });

  it('adds up more than two points, whatever order their hops come in', () => {
    const hops = [
      hopBetween(['vport<', 1000], ['vport>', 1001]),
      hopBetween(['vport>', 1001], ['nic>', 1012]),
      responseBetween(['nic<', 5000], ['nic<', 5002]),
      responseBetween(['nic<', 5002], ['vport>', 5009]),
    ];
    // A bridge port or a tunnel is neither: such sightings do not count.
    const bridge = (hop: Hop, end: 'from' | 'to'): Hop => ({
      ...hop,
      [end]: { ...hop[end], point: { ...hop[end].point, role: 'bridge' } },
    });
    const [a, b, c, d] = hops as [Hop, Hop, Hop, Hop];
    const path = [bridge(a, 'to'), bridge(b, 'from'), bridge(c, 'to'), bridge(d, 'from')];
    fc.assert(
      fc.property(fc.shuffledSubarray(path, { minLength: 4 }), (shuffled) => {
        const { budgets } = run(shuffled);
        assert.deepEqual(budgets, [CLIENT]);
      }),
    );
  });

  it('takes the outer NIC of a bond', () => {
    const { budgets } = run([
      hopBetween(['vport<', 1000], ['nic>', 1010]),
      hopBetween(['nic>', 1010], ['nic>', 1012]),
      responseBetween(['nic<', 5000], ['nic<', 5003]),
      responseBetween(['nic<', 5003], ['vport>', 5009]),
    ]);
    assert.deepEqual(budgets, [CLIENT]);
  });

  it('joins pipelined and repeated requests of one context by position, never by order', () => {
    const processor = new BudgetProcessor();
    // The hop of the first response and that of the second request are lost.
    const out = processor.process([
      clientRequest({ streamPosition: 100 }),
      clientResponse({ requestPosition: 300 }),
    ]);
    assert.deepEqual(budgetsOf(out), []);
    const rest = processor.process([
      hopBetween(['vport<', 1020], ['nic>', 1030], { streamPosition: 300 }),
      clientResponse({ requestPosition: 100 }),
    ]);
    assert.deepEqual(
      budgetsOf(rest).map(({ requestPosition, betweenNs }) => [requestPosition, betweenNs]),
      [
        [300, 3970],
        [100, 3988],
      ],
    );
  });

  it('never mixes up requests, whatever subset of their hops arrives and in whatever order', () => {
    const requests = Array.from({ length: 6 }, (_, n) => ({
      position: 1000 + n,
      sent: 100 * n,
      back: 5000 + 7 * n * n,
    }));
    const hops = requests.flatMap(({ position, sent, back }) => [
      hopBetween(['vport<', sent], ['nic>', sent + 10], { streamPosition: position }),
      responseBetween(['nic<', back], ['vport>', back + 20], { requestPosition: position }),
    ]);
    fc.assert(
      fc.property(fc.shuffledSubarray(hops), (some) => {
        const { budgets, processor } = run(some);
        const whole = requests.filter(
          ({ position }) =>
            some.some((hop) => hop.streamPosition === position) &&
            some.some((hop) => hop.requestPosition === position),
        );
        assert.equal(budgets.length, whole.length);
        for (const { position, sent, back } of whole) {
          const budget = budgets.find(({ requestPosition }) => requestPosition === position);
          assert.equal(budget?.betweenNs, back - sent - 10);
        }
        assert.equal(processor.counters().completed, whole.length);
      }),
    );
  });

  it('counts from the first copy that crossed, and says that there were more', () => {
    const { budgets } = run([
      clientRequest(),
      hopBetween(['vport<', 2000], ['nic>', 2012], { retransmission: 1 }),
      hopBetween(['vport<', 2600], ['nic>', 2612], { retransmission: 2 }),
      clientResponse(),
    ]);
    assert.deepEqual(budgets, [{ ...CLIENT, retransmission: 2 }]);
    const late = run([
      hopBetween(['vport<', 2000], ['nic>', 2012], { retransmission: 1 }),
      clientRequest(),
      clientResponse(),
    ]);
    assert.deepEqual(late.budgets, [{ ...CLIENT, retransmission: 1 }]);
  });

  it('leaves late copies of what is settled alone', () => {
    const { processor, budgets } = run([clientRequest(), clientResponse()]);
    assert.equal(budgets.length, 1);
    const copies = [clientResponse({ retransmission: 1 }), clientRequest({ retransmission: 1 })];
    assert.equal(processor.process(copies), copies);
    assert.deepEqual(talliesOf(processor), { opened: 1, completed: 1, late_hops: 2 });
  });

  it('waits past interim responses', () => {
    const { budgets } = run([
      clientRequest(),
      responseBetween(['nic<', 1100], ['vport>', 1101], { statusCode: 100 }),
      clientResponse(),
    ]);
    assert.deepEqual(budgets, [CLIENT]);
    const upgrade = run([clientRequest(), clientResponse({ statusCode: 101 })]);
    assert.equal(upgrade.budgets.length, 1);
  });

  it('counts a response that does not say what it answers', () => {
    const { tallies } = run([clientRequest(), clientResponse({ requestPosition: undefined })]);
    assert.deepEqual(tallies, { opened: 1, waiting: 1, unidentified_responses: 1 });
  });

  it('counts a response that took another way, and times that contradict each other', () => {
    const elsewhere = run([clientRequest(), responseBetween(['nic<', 5000], ['nic>', 5009])]);
    assert.deepEqual(elsewhere.tallies, { opened: 1, misdirected: 1 });
    const before = run([clientRequest(), responseBetween(['nic<', 900], ['vport>', 909])]);
    assert.deepEqual(before.tallies, { opened: 1, misdirected: 1 });
  });

  it('gives up by kernel time, each by what was missing', () => {
    const processor = new BudgetProcessor({ timeoutMillis: 1 });
    const ms = 1_000_000;
    processor.process([
      clientRequest({ streamPosition: 1 }),
      clientResponse({ requestPosition: 2 }),
      clientRequest({ streamPosition: 3 }),
      responseBetween(['nic<', 6000], ['nic<', 6001], { requestPosition: 3 }),
    ]);
    assert.deepEqual(talliesOf(processor), { opened: 3, waiting: 3 });
    processor.process([hopBetween(['vport<', ms], ['nic>', 1.1 * ms], { streamPosition: 4 })]);
    assert.deepEqual(talliesOf(processor), {
      opened: 4,
      expired_request: 1,
      expired_response: 1,
      expired_partial: 1,
      waiting: 1,
    });
    processor.process([clientResponse({ requestPosition: 1 })]);
    assert.equal(processor.counters().late_hops, 1);
  });

  it('is bounded: the oldest goes', () => {
    const processor = new BudgetProcessor({ maxRequests: 2 });
    processor.process([1, 2, 3].map((streamPosition) => clientRequest({ streamPosition })));
    const out = processor.process([1, 2, 3].map((requestPosition) => clientResponse({ requestPosition })));
    assert.deepEqual(
      budgetsOf(out).map(({ requestPosition }) => requestPosition),
      [2, 3],
    );
    assert.deepEqual(talliesOf(processor), { opened: 3, completed: 2, evicted: 1, late_hops: 1 });
  });

  it('refuses options that make no sense', () => {
    assert.throws(() => new BudgetProcessor({ maxRequests: 0 }), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
    assert.throws(() => new BudgetProcessor({ timeoutMillis: 0.5 }), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
  });
});
