// SPDX-License-Identifier: Apache-2.0
// A probe on the node it is started in, with latency budgets. Prints `ready`, and after SIGTERM `stopped` with what its
// spans tell a stitcher.
import { HopProbe } from '@hopspan/bpf-probe';
import { BudgetProcessor, createPipeline, type Hop, type HopConsumer } from '@hopspan/core';
import { hopToSpan, readStitchingFacts } from '@hopspan/exporter';
import { say } from './say.ts';

const resource = { attributes: {} };
const facts: object[] = [];

function factsOf(hop: Hop): object {
  const { attributes, parentSpanContext, ...span } = hopToSpan(hop, resource);
  const { traceId } = parentSpanContext;
  const found = readStitchingFacts({
    ...{ traceId, spanId: String(facts.length), parentSpanId: parentSpanContext.spanId },
    attribute: (name) => attributes[name],
  });
  return { ...found, name: span.name, context: `${traceId}-${parentSpanContext.spanId}` };
}

const exporter: HopConsumer = {
  onHops: (hops) =>
    void facts.push(...hops.map(factsOf).filter((each) => 'part' in each || 'copyOf' in each)),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  counters: () => ({}),
};
const budget = new BudgetProcessor();
const receiver = new HopProbe({ interfaces: { nic: ['eth0'], vport: ['veth*'] }, responses: true });
const pipeline = createPipeline({ receiver, processors: [budget], exporters: [exporter] });
process.once('SIGTERM', async () => {
  await pipeline.shutdown();
  say({ msg: 'stopped', facts, budget: budget.counters() });
});
await pipeline.start();
say({ msg: 'ready' });
