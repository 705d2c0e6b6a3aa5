// SPDX-License-Identifier: Apache-2.0
// A client that OpenTelemetry's own instrumentation gives its contexts: a request for each size of cookie. Arguments: URL,
// `http` or `fetch`, `plain` or `recipe`.
import { createRequire } from 'node:module';
import { putContextFirst as putFirstInHttp } from '@hopspan/example-sidecar/node/http-client.ts';
import { putContextFirst as putFirstInUndici } from '@hopspan/example-sidecar/node/undici-requests.ts';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { browserHeaders, cookieHeaders, cookieSizes } from './cookies.ts';

const [url = '', client, recipe] = process.argv.slice(2);

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
if (recipe === 'recipe') {
  putFirstInHttp();
  putFirstInUndici();
}
// Through require(), where the instrumentation sees it without a loader hook.
const http: typeof import('node:http') = createRequire(import.meta.url)('node:http');

async function sendByHttp(headers: Record<string, string>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  http
    .get(url, { headers, agent: false }, (answer) => answer.resume().once('end', resolve))
    .once('error', reject);
  await promise;
}

for (const bytes of cookieSizes) {
  const headers = { ...browserHeaders, ...cookieHeaders(bytes) };
  if (client === 'http') await sendByHttp(headers);
  else await (await fetch(url, { headers })).arrayBuffer();
}
process.exit(0);
