// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { RetryOnFailureOptions } from '../src/retry-options.ts';
import { RetryingSpanExporter } from '../src/retrying-span-exporter.ts';
import { hopToSpan } from '../src/transform.ts';
import type { ExportResultLike } from '../src/types.ts';
import { codedError, FakeSpanExporter, INVALID_ARGUMENT, UNAVAILABLE } from './fake-span-exporter.ts';
import { makeHop } from './make-hop.ts';
import { retryInfoStatus } from './retry-info-status.ts';
import { turns, until } from './until.ts';

const spans = [hopToSpan(makeHop(), { attributes: {} }), hopToSpan(makeHop(), { attributes: {} })];
const soon: RetryOnFailureOptions = { initialIntervalMillis: 1, maxIntervalMillis: 2 };
const late: RetryOnFailureOptions = { initialIntervalMillis: 60_000, maxIntervalMillis: 60_000 };

function setUp(retryOnFailure: RetryOnFailureOptions, outcomes: (Error | undefined)[] = []) {
  const inner = new FakeSpanExporter();
  inner.outcomes.push(...outcomes);
  const exporter = new RetryingSpanExporter(inner, { retryOnFailure });
  const run = () => new Promise<ExportResultLike>((resolve) => exporter.export(spans, resolve));
  return { inner, exporter, run };
}

const codeOf = (result: ExportResultLike) => (result.error as { code?: string } | undefined)?.code;

describe('RetryingSpanExporter', () => {
  it('exports once when that succeeds', async () => {
    const { inner, exporter, run } = setUp(soon);
    assert.equal((await run()).code, 0);
    assert.equal(inner.batches.length, 1);
    assert.deepEqual(exporter.counters(), { retries: 0, retry_expired: 0, rejected: 0, shut_down: 0 });
  });

  it('sends the same spans again until they arrive', async () => {
    const { inner, exporter, run } = setUp(soon, [
      codedError(UNAVAILABLE),
      codedError(503),
      codedError('ECONNREFUSED'),
    ]);
    assert.equal((await run()).code, 0);
    assert.deepEqual(inner.batches, [spans, spans, spans, spans]);
    assert.equal(exporter.counters().retries, 3);
  });

  it('does not retry what may not be retried, and keeps the cause', async () => {
    const cause = codedError(INVALID_ARGUMENT);
    const { inner, exporter, run } = setUp(soon, [cause]);
    const result = await run();
    assert.equal(codeOf(result), 'HOPSPAN_ERR_EXPORT_REJECTED');
    assert.equal(result.error?.cause, cause);
    assert.equal(inner.batches.length, 1);
    assert.equal(exporter.counters().rejected, 2);
  });

  it('gives up when the next wait would end after its time', async () => {
    const { inner, exporter, run } = setUp({ ...late, maxElapsedTimeMillis: 1000 }, [
      codedError(UNAVAILABLE),
    ]);
    assert.equal(codeOf(await run()), 'HOPSPAN_ERR_EXPORT_RETRY_EXPIRED');
    assert.equal(inner.batches.length, 1);
    assert.equal(exporter.counters().retry_expired, 2);
  });

  it('ends after its time however often it fails', async () => {
    const { inner, run } = setUp({ ...soon, maxElapsedTimeMillis: 300 });
    const fail = () => inner.outcomes.push(codedError(UNAVAILABLE), codedError(UNAVAILABLE));
    for (let i = 0; i < 1000; i += 1) fail();
    assert.equal(codeOf(await run()), 'HOPSPAN_ERR_EXPORT_RETRY_EXPIRED');
    assert.ok(inner.batches.length > 1);
  });

  it('waits as long as the server asks instead of its own back-off', async () => {
    const metadata = { get: () => [retryInfoStatus(0, 1_000_000)] };
    const { inner, run } = setUp(late, [codedError(8, { metadata })]);
    assert.equal((await run()).code, 0);
    assert.equal(inner.batches.length, 2);
  });

  it('takes an exporter that throws for one that failed', async () => {
    const { inner, run } = setUp(soon);
    inner.export = () => {
      throw new Error('broken');
    };
    const result = await run();
    assert.equal(codeOf(result), 'HOPSPAN_ERR_EXPORT_REJECTED');
    assert.match(String(result.error?.message), /broken/);
  });

  it('retries at once on forceFlush', async () => {
    const { inner, exporter, run } = setUp(late, [codedError(UNAVAILABLE)]);
    const result = run();
    await until(() => inner.batches.length === 1);
    await turns();
    await exporter.forceFlush();
    assert.equal((await result).code, 0);
    assert.deepEqual(inner.calls, ['forceFlush']);
  });

  it('ends a wait on shutdown and says what it gave up', async () => {
    const { inner, exporter, run } = setUp(late, [codedError(UNAVAILABLE)]);
    const result = run();
    await until(() => inner.batches.length === 1);
    await exporter.shutdown();
    assert.equal(codeOf(await result), 'HOPSPAN_ERR_EXPORT_SHUTDOWN');
    assert.equal(exporter.counters().shut_down, 2);
    assert.deepEqual(inner.calls, ['shutdown']);
  });

  it('lets an attempt under way succeed during shutdown', async () => {
    const { inner, exporter, run } = setUp(soon);
    inner.held = [];
    const result = run();
    const closed = exporter.shutdown();
    inner.release();
    await closed;
    assert.equal((await result).code, 0);
  });

  it('exports nothing after shutdown, and shuts down once', async () => {
    const { inner, exporter, run } = setUp(soon);
    assert.equal(exporter.shutdown(), exporter.shutdown());
    assert.equal(codeOf(await run()), 'HOPSPAN_ERR_EXPORT_SHUTDOWN');
    assert.deepEqual([inner.batches.length, inner.calls], [0, ['shutdown']]);
  });

  it('says once in a burst, in one line, that exports fail', async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const logger = { error: write, warn: write, info: write, debug: write, verbose: write };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    await setUp(soon, [codedError(UNAVAILABLE), codedError(UNAVAILABLE), codedError(UNAVAILABLE)]).run();
    diag.disable();
    assert.deepEqual(lines, [['hopspan exporter: export failed and is retried: code 14']]);
  });

  it('tries once when retries are switched off', async () => {
    const { inner, run } = setUp({ enabled: false }, [codedError(UNAVAILABLE)]);
    assert.equal(codeOf(await run()), 'HOPSPAN_ERR_EXPORT_REJECTED');
    assert.equal(inner.batches.length, 1);
  });
});
