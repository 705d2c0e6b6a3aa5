// SPDX-License-Identifier: Apache-2.0
// The smallest agent: the hops of the devices on the command line become spans at an OTLP endpoint.
//   node index.ts --nic eth0 --vport 'veth*' --endpoint http://127.0.0.1:4317
import { parseArgs } from 'node:util';
import { HopProbe } from '@hopspan/bpf-probe';
import { createPipeline } from '@hopspan/core';
import { createOtlpSpanExporter, HopSpanExporter } from '@hopspan/exporter';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const { values } = parseArgs({
  options: {
    nic: { type: 'string', multiple: true, default: ['eth0'] },
    vport: { type: 'string', multiple: true, default: ['veth*'] },
    endpoint: { type: 'string', default: process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://127.0.0.1:4317' },
  },
});

const spanExporter = await createOtlpSpanExporter({
  endpoint: values.endpoint,
  retryOnFailure: { maxElapsedTimeMillis: 25_000 }, // less than the 30 s after which the processor gives up
});
const queue = { maxQueueSize: 16_384, maxExportBatchSize: 1024, scheduledDelayMillis: 500 };
const spanProcessor = new BatchSpanProcessor(spanExporter, queue);
const receiver = new HopProbe({ interfaces: { nic: values.nic, vport: values.vport } });
const pipeline = createPipeline({ receiver, exporters: [new HopSpanExporter({ spanProcessor })] });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    await pipeline.shutdown();
    console.log(JSON.stringify({ msg: 'stopped', ...receiver.counters(), ...pipeline.counters() }));
    process.exit(0);
  });
}
try {
  await pipeline.start();
  console.log(JSON.stringify({ msg: 'ready', endpoint: values.endpoint }));
} catch (error) {
  console.error(`custom-agent: ${(error as Error).message}`);
  process.exit(1);
}
