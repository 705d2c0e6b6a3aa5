// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadGrpcModule, loadOtlpModule } from '../src/otlp-modules.ts';

const missing = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /app/index.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

describe('loadOtlpModule', () => {
  it('finds the exporters that are installed', async () => {
    assert.equal(typeof (await loadOtlpModule('grpc')).OTLPTraceExporter, 'function');
    assert.equal(typeof (await loadOtlpModule('http/protobuf')).OTLPTraceExporter, 'function');
  });

  it('names the exact install line of both SDK lines when the package is missing', async () => {
    const cause = missing('@opentelemetry/exporter-trace-otlp-grpc');
    await assert.rejects(
      loadOtlpModule('grpc', () => Promise.reject(cause)),
      {
        code: 'HOPSPAN_ERR_EXPORTER_NOT_INSTALLED',
        message:
          /npm install @opentelemetry\/api@1\.9\.1 @opentelemetry\/exporter-trace-otlp-grpc@0\.223\.1.*@0\.301\.0/,
        cause,
      },
    );
  });

  it('says what is wrong when the package is there but broken', async () => {
    const cause = missing('@opentelemetry/otlp-transformer');
    await assert.rejects(
      loadOtlpModule('http/protobuf', () => Promise.reject(cause)),
      {
        code: 'HOPSPAN_ERR_EXPORTER_LOAD',
        message:
          /exporter-trace-otlp-proto could not be loaded \(Cannot find package '@opentelemetry\/otlp-transformer'/,
        cause,
      },
    );
  });
});

describe('loadGrpcModule', () => {
  it('finds the gRPC implementation of the OTLP exporter', async () => {
    const own = await import('@grpc/grpc-js');
    assert.equal(loadGrpcModule().Metadata, own.Metadata);
  });
});
