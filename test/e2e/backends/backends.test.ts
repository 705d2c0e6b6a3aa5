// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type TraceBackend, waitForTrace } from './backend.ts';
import { goAvailable } from './build.ts';
import { BackendError } from './errors.ts';
import { startJaeger } from './jaeger.ts';
import { startTempo } from './tempo.ts';

// In CI a missing Go is a failure: the backends say so when they are built.
const skip = process.env.CI ? false : (goAvailable() ?? false);
const STARTERS = { Jaeger: startJaeger, Tempo: startTempo };
const SERVICE = 'overlay "network"';
const START = 1_790_000_000_000_000_123n;

/** Two spans of one trace; the child begins 1 µs after its parent and takes 3,456 ns. */
function newTrace() {
  const traceId = `00${randomBytes(15).toString('hex')}`;
  const parent = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'GET /productpage',
    kind: 3,
    startTimeUnixNano: String(START),
    endTimeUnixNano: String(START + 1_000_000n),
  };
  const child = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: parent.spanId,
    name: 'overlay transmit',
    kind: 1,
    startTimeUnixNano: String(START + 1000n),
    endTimeUnixNano: String(START + 4456n),
    attributes: [
      { key: 'network.io.direction', value: { stringValue: 'transmit' } },
      { key: 'destination.port', value: { intValue: '9080' } },
      { key: 'hopspan.sampled', value: { boolValue: true } },
    ],
  };
  return { traceId, parent, child };
}

async function send(backend: TraceBackend, { parent, child }: ReturnType<typeof newTrace>): Promise<void> {
  const resource = {
    attributes: [
      { key: 'service.name', value: { stringValue: SERVICE } },
      { key: 'k8s.node.name', value: { stringValue: 'node1' } },
    ],
  };
  const scopeSpans = [{ scope: { name: 'backends-test' }, spans: [child, parent] }];
  const response = await fetch(`${backend.otlpHttpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
  });
  assert.equal(response.status, 200, await response.text());
}

async function eventually<T>(get: () => Promise<T>, isComplete: (value: T) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const value = await get();
    if (isComplete(value) || attempt === 600) return value;
    await sleep(100);
  }
}

/** Starts a backend in a process of its own and prints its pid. */
async function startElsewhere(name: keyof typeof STARTERS, folder: string) {
  const module = JSON.stringify(import.meta.resolve(`./${name.toLowerCase()}.ts`));
  const code = `const { start${name} } = await import(${module});
    console.log((await start${name}()).pid);
    setInterval(() => {}, 60_000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  return { starter, pid: Number(line) };
}

for (const [name, start] of Object.entries(STARTERS)) {
  describe(name, { skip }, () => {
    let backend: TraceBackend;
    before(async () => {
      backend = await start();
    });
    after(() => backend?.stop());

    it('gives back a trace as it was sent', async () => {
      const trace = newTrace();
      await send(backend, trace);
      const spans = await waitForTrace(backend, trace.traceId, ({ length }) => length === 2);
      const [parent, child] = spans;
      assert.deepEqual(
        spans.map(({ traceId, spanId, parentSpanId }) => ({ traceId, spanId, parentSpanId })),
        [
          { traceId: trace.traceId, spanId: trace.parent.spanId, parentSpanId: undefined },
          { traceId: trace.traceId, spanId: trace.child.spanId, parentSpanId: trace.parent.spanId },
        ],
      );
      assert.deepEqual([parent?.name, parent?.kind], ['GET /productpage', 'client']);
      assert.deepEqual([child?.name, child?.kind], ['overlay transmit', 'internal']);
      assert.deepEqual([child?.service, child?.scope], [SERVICE, 'backends-test']);
      assert.deepEqual([child?.startTimeUnixNano, child?.endTimeUnixNano], [START + 1000n, START + 4456n]);
      assert.deepEqual([child?.startUs, child?.durationUs], [Number((START + 1000n) / 1000n), 3.456]);
      assert.deepEqual(child?.attributes, {
        'network.io.direction': 'transmit',
        'destination.port': 9080,
        'hopspan.sampled': true,
      });
      assert.equal(child?.resource['k8s.node.name'], 'node1');
      assert.deepEqual(
        spans.flatMap(({ warnings }) => warnings),
        [],
      );
    });

    it('finds traces by service', async () => {
      const trace = newTrace();
      await send(backend, trace);
      const isThere = (spans: { traceId: string }[]) =>
        spans.some(({ traceId }) => traceId === trace.traceId);
      const found = await eventually(
        () => backend.findTraces(SERVICE, 50),
        (traces) => traces.some(isThere),
      );
      assert.equal(found.find(isThere)?.length, 2);
      assert.deepEqual(await backend.findTraces('nobody'), []);
      assert.ok((await backend.services()).includes(SERVICE));
    });

    it('has no spans of a trace that it does not know, and says so when one is waited for', async () => {
      const traceId = randomBytes(16).toString('hex');
      assert.deepEqual(await backend.getTrace(traceId), []);
      await assert.rejects(
        waitForTrace(backend, traceId, ({ length }) => length > 0, { timeoutMillis: 100 }),
        (error: BackendError) =>
          error.code === 'HOPSPAN_ERR_BACKEND_TIMEOUT' && error.message.includes('no span'),
      );
    });

    it('takes OTLP/gRPC', async () => {
      const exporter = new OTLPTraceExporter({ url: backend.otlpGrpcUrl });
      const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
      const span = provider.getTracer('grpc').startSpan('by gRPC');
      span.end();
      await provider.shutdown();
      const { traceId, spanId } = span.spanContext();
      const spans = await waitForTrace(backend, traceId, ({ length }) => length > 0);
      assert.deepEqual(
        spans.map((found) => [found.spanId, found.name, found.scope]),
        [[spanId, 'by gRPC', 'grpc']],
      );
    });

    it('refuses a port that is taken', async () => {
      const queryPort = Number(new URL(backend.queryUrl).port);
      await assert.rejects(
        start({ queryPort }),
        (error: BackendError) =>
          error.code === 'HOPSPAN_ERR_BACKEND_START' && error.message.includes(String(queryPort)),
      );
    });

    it('dies with its starter', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'hopspan-backends-test-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const { starter, pid } = await startElsewhere(name as keyof typeof STARTERS, folder);
      assert.ok(existsSync(`/proc/${pid}`));
      starter.kill('SIGKILL');
      const gone = await eventually(
        async () => !existsSync(`/proc/${pid}`),
        (isGone) => isGone,
      );
      assert.ok(gone, `process ${pid} outlived its starter`);
    });

    it('is gone when stopped', async () => {
      await backend.stop();
      assert.equal(existsSync(`/proc/${backend.pid}`), false);
      await assert.rejects(backend.services(), BackendError);
    });
  });
}
