// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { createOtlpSpanExporter } from '../src/otlp-span-exporter.ts';
import type { RetryingSpanExporter } from '../src/retrying-span-exporter.ts';
import { hopToSpan } from '../src/transform.ts';
import type { ExportResultLike } from '../src/types.ts';
import { makeHop } from './make-hop.ts';
import { OtlpServer } from './otlp-server.ts';

const resource = { attributes: { 'service.name': 'test' } };
const spans = (count: number) => Array.from({ length: count }, () => hopToSpan(makeHop(), resource));
const retryOnFailure = { initialIntervalMillis: 1, maxIntervalMillis: 5 };

const send = (exporter: RetryingSpanExporter, count: number) =>
  new Promise<ExportResultLike>((resolve) => exporter.export(spans(count), resolve));

describe('createOtlpSpanExporter over gRPC', () => {
  const server = new OtlpServer();
  before(() => server.start());
  after(() => server.stop());

  it('delivers spans with its headers and its name to a real server', async () => {
    const headers = { 'x-tenant': 'blue' };
    const exporter = await createOtlpSpanExporter({
      endpoint: server.endpoint,
      headers,
      compression: 'gzip',
    });
    assert.equal((await send(exporter, 5)).code, 0);
    assert.equal(server.spanIds.size, 5);
    assert.equal(server.metadata[0]?.['x-tenant'], 'blue');
    assert.match(String(server.metadata[0]?.['user-agent']), /^hopspan\/0\.1\.0 /);
    await exporter.shutdown();
  });

  it('retries what the server refuses for now', async () => {
    const exporter = await createOtlpSpanExporter({ endpoint: server.endpoint, retryOnFailure });
    server.failures.push({ code: status.UNAVAILABLE }, { code: status.DEADLINE_EXCEEDED });
    assert.equal((await send(exporter, 1)).code, 0);
    assert.equal(exporter.counters().retries, 2);
    await exporter.shutdown();
  });

  it('does not retry what the server refuses for good', async () => {
    const exporter = await createOtlpSpanExporter({ endpoint: server.endpoint, retryOnFailure });
    server.failures.push({ code: status.INVALID_ARGUMENT, details: 'bad span' });
    const { error } = await send(exporter, 1);
    assert.equal((error as { code?: string }).code, 'HOPSPAN_ERR_EXPORT_REJECTED');
    assert.match(String(error?.message), /INVALID_ARGUMENT: bad span/);
    await exporter.shutdown();
  });

  it('fails with one clear error when nobody listens', async () => {
    const options = { ...retryOnFailure, maxElapsedTimeMillis: 20 };
    const exporter = await createOtlpSpanExporter({
      endpoint: 'http://127.0.0.1:1',
      retryOnFailure: options,
    });
    const { error } = await send(exporter, 1);
    assert.equal((error as { code?: string }).code, 'HOPSPAN_ERR_EXPORT_RETRY_EXPIRED');
    assert.match(String(error?.message), /UNAVAILABLE.*Check that the endpoint is up/s);
    await exporter.shutdown();
  });
});

describe('createOtlpSpanExporter over HTTP', () => {
  const requests: { url?: string; headers: IncomingMessage['headers']; bytes: number }[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      requests.push({ url: request.url, headers: request.headers, bytes });
      const status = statuses.shift() ?? 200;
      response.writeHead(status, status === 503 ? { 'retry-after': '3600' } : {}).end();
    });
  });
  const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());

  it('posts protobuf to the traces path with its headers', async () => {
    const headers = { 'x-tenant': 'blue' };
    const exporter = await createOtlpSpanExporter({
      protocol: 'http/protobuf',
      endpoint: endpoint(),
      headers,
    });
    assert.equal((await send(exporter, 3)).code, 0);
    const [request] = requests;
    assert.equal(request?.url, '/v1/traces');
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.equal(request?.headers['x-tenant'], 'blue');
    assert.ok(Number(request?.bytes) > 300);
    await exporter.shutdown();
  });

  it('says the status of what is refused for good', async () => {
    const exporter = await createOtlpSpanExporter({
      protocol: 'http/protobuf',
      endpoint: endpoint(),
      retryOnFailure,
    });
    statuses.push(400);
    const { error } = await send(exporter, 1);
    assert.equal((error as { code?: string }).code, 'HOPSPAN_ERR_EXPORT_REJECTED');
    assert.equal((error?.cause as { code?: number } | undefined)?.code, 400);
    await exporter.shutdown();
  });

  it('goes on retrying where the exporter itself gives up', async () => {
    const exporter = await createOtlpSpanExporter({
      protocol: 'http/protobuf',
      endpoint: endpoint(),
      retryOnFailure,
    });
    // Its own second attempt would have to wait for longer than it may take.
    statuses.push(503);
    assert.equal((await send(exporter, 1)).code, 0);
    assert.equal(exporter.counters().retries, 1);
    await exporter.shutdown();
  });
});
