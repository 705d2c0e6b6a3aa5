// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { OtlpExporterConfig } from '../../src/config/agent-config.ts';
import { parseConfig } from '../../src/config/load.ts';
import { createOtlpExporter, toSpanExporterOptions } from '../../src/exporters/otlp-exporter.ts';
import { makeHop } from '../support/make-hop.ts';

function configure(yaml: string): OtlpExporterConfig {
  const exporter = parseConfig(`exporters:\n  ${yaml}`, { environment: {} }).exporters[0];
  assert.ok(exporter !== undefined && exporter.type !== 'debug');
  return exporter;
}

describe('toSpanExporterOptions', () => {
  it('hands every key on', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-'));
    context.after(() => rmSync(folder, { recursive: true }));
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, name), name);
    const retry =
      '{enabled: false, initial_interval: 1s, max_interval: 2s, max_elapsed_time: 3s, multiplier: 4, randomization_factor: 0.1}';
    const tls = `{ca_file: ${folder}/ca, cert_file: ${folder}/cert, key_file: ${folder}/key}`;
    const keys = `{endpoint: "https://c:1", headers: {a: b}, compression: gzip, timeout: 7s, tls: ${tls}, retry_on_failure: ${retry}}`;
    assert.deepEqual(toSpanExporterOptions(configure(`otlp_http: ${keys}`)), {
      protocol: 'http/protobuf',
      endpoint: 'https://c:1',
      headers: { a: 'b' },
      compression: 'gzip',
      timeoutMillis: 7000,
      tls: { ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') },
      retryOnFailure: {
        enabled: false,
        initialIntervalMillis: 1000,
        maxIntervalMillis: 2000,
        maxElapsedTimeMillis: 3000,
        multiplier: 4,
        randomizationFactor: 0.1,
      },
    });
  });

  it('makes plain text of a gRPC endpoint without a scheme when TLS is off', () => {
    const { protocol, endpoint, tls } = toSpanExporterOptions(
      configure('otlp_grpc: {endpoint: "c:4317", tls: {insecure: true}}'),
    );
    assert.deepEqual([protocol, endpoint, tls], ['grpc', 'http://c:4317', undefined]);
  });
});

describe('createOtlpExporter', () => {
  it('bounds the queue as configured and tells what it dropped', async () => {
    const keys =
      '{endpoint: "http://127.0.0.1:1", sending_queue: {queue_size: 2, batch: {max_size: 1, flush_timeout: 1h}}}';
    const exporter = await createOtlpExporter(configure(`otlp_grpc/x: ${keys}`), {
      resource: {},
      write: () => undefined,
      shutdownTimeoutMillis: 1,
    });
    exporter.consumer.onHops(Array.from({ length: 6 }, (_, index) => makeHop(index, 1)));
    const { enqueued, in_flight, queued, dropped_queue_full } = exporter.consumer.counters();
    assert.deepEqual(
      { enqueued, in_flight, queued, dropped_queue_full },
      {
        enqueued: 6,
        in_flight: 1,
        queued: 2,
        dropped_queue_full: 3,
      },
    );
    assert.deepEqual(exporter.health(), { status: 'ok' });
    await exporter.consumer.shutdown();
    assert.equal(exporter.consumer.counters().dropped_shutdown, 3);
  });
});
