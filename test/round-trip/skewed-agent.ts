// SPDX-License-Identifier: Apache-2.0
// Runs on a node: an agent whose wall clock is wrong. Prints `ready`, and after SIGTERM a JSON object with the raw kernel
// times of every hop, taken before anything of the budget is computed. Arguments: NIC, endpoint, skew in nanoseconds.
import { HopProbe, nativeClockSource } from '@hopspan/bpf-probe';
import { BudgetProcessor, createClock, createPipeline, type Hop, type HopProcessor } from '@hopspan/core';
import { createOtlpSpanExporter, HopSpanExporter } from '@hopspan/exporter';
import { type RawHop, toRawHop } from './raw-hop.ts';

const [nic = '', endpoint = '', skewNs = '0'] = process.argv.slice(2);
const clock = createClock({
  source: { ...nativeClockSource, realtimeNs: () => nativeClockSource.realtimeNs() + BigInt(skewNs) },
});
const hops: RawHop[] = [];
const idle = {
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  counters: () => ({}),
};
const recorder: HopProcessor = {
  ...idle,
  process: (batch: readonly Hop[]) => {
    hops.push(...batch.map(toRawHop));
    return batch;
  },
};
const budget = new BudgetProcessor();
const probe = new HopProbe({ interfaces: { nic: [nic], vport: ['veth*'] }, responses: true, clock });
const exporter = new HopSpanExporter({ spanExporter: await createOtlpSpanExporter({ endpoint }) });
const pipeline = createPipeline({
  ...{ receiver: probe, processors: [recorder, budget], exporters: [exporter] },
  shutdownTimeoutMillis: 50_000,
});
await pipeline.start();
process.stdout.write('ready\n');
process.once('SIGTERM', async () => {
  await pipeline.shutdown();
  const report = { hops, budget: budget.counters(), sent: exporter.counters().sent };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
});
