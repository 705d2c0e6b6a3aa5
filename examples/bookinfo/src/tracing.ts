// SPDX-License-Identifier: Apache-2.0

/**
 * OpenTelemetry for a service, loaded before it by `--import`. Spans go to OTEL_EXPORTER_OTLP_ENDPOINT.
 * OTEL_SERVICE_NAME names the service (default: the command's first argument).
 * BOOKINFO_SAMPLE_RATIO is the share of traces that whoever starts them samples (default: 1).
 * BOOKINFO_TRUST_INCOMING=true lets the gateway continue its caller's trace; by default it starts one.
 */
import { register } from 'node:module';
import { context, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';

// Without the hook, `import http from 'node:http'` is not seen and no server span appears.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const service = process.env.OTEL_SERVICE_NAME ?? process.argv[2] ?? 'bookinfo';
const sampleRatio = Number(process.env.BOOKINFO_SAMPLE_RATIO ?? 1);
const startsTraces = service === 'gateway' && process.env.BOOKINFO_TRUST_INCOMING !== 'true';

const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': service }),
  sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
  spanProcessors: [
    // Room for what a burst of load makes between two exports: the default of 2,048 drops spans.
    new BatchSpanProcessor(new OTLPTraceExporter(), {
      maxQueueSize: 65_536,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 500,
    }),
  ],
});

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(provider);
propagation.setGlobalPropagator(
  startsTraces ? withoutExtract(new W3CTraceContextPropagator()) : new W3CTraceContextPropagator(),
);
registerInstrumentations({
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => request.url === '/healthz' }),
    new UndiciInstrumentation(),
  ],
});

// The service has closed its server by now; what is left to do is to send the last spans.
process.once('beforeExit', () => {
  provider.shutdown().catch((error: Error) => {
    console.error(`${service}: the last spans were not sent: ${error.message}`);
    process.exitCode = 1;
  });
});

function withoutExtract(propagator: TextMapPropagator): TextMapPropagator {
  return {
    inject: (...args) => propagator.inject(...args),
    extract: (incoming) => incoming,
    fields: () => propagator.fields(),
  };
}
