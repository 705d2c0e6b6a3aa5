// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OtlpProtocol, resolveOtlpOptions } from '../src/otlp-options.ts';

const resolve = (protocol: OtlpProtocol, endpoint?: string) =>
  resolveOtlpOptions({ protocol, endpoint }).endpoint;

describe('resolveOtlpOptions', () => {
  it('is gRPC to localhost without compression when nothing is said', () => {
    assert.deepEqual(resolveOtlpOptions({}), {
      protocol: 'grpc',
      endpoint: 'http://localhost:4317',
      compression: 'none',
      timeoutMillis: 10_000,
    });
    assert.equal(resolve('http/protobuf'), 'http://localhost:4318/v1/traces');
  });

  it('takes what gRPC can reach', () => {
    assert.equal(resolve('grpc', 'http://collector:4317'), 'http://collector:4317');
    assert.equal(resolve('grpc', 'https://collector:4317/'), 'https://collector:4317');
    assert.equal(resolve('grpc', 'http://[::1]:4317'), 'http://[::1]:4317');
    assert.equal(resolve('grpc', 'unix:///run/otlp.sock'), 'unix:///run/otlp.sock');
  });

  it('adds the traces path to an HTTP base where it is missing', () => {
    assert.equal(resolve('http/protobuf', 'https://host/otlp/'), 'https://host/otlp/v1/traces');
    assert.equal(resolve('http/protobuf', 'http://host:4318/v1/traces'), 'http://host:4318/v1/traces');
    assert.equal(resolve('http/protobuf', 'http://host/v1/traces/'), 'http://host/v1/traces');
  });

  it('refuses every other endpoint and says what it expects', () => {
    const code = 'HOPSPAN_ERR_INVALID_ENDPOINT';
    const bad = [
      '',
      'collector:4317',
      'localhost',
      'ftp://host',
      'grpc://host:4317',
      'http://',
      'http://u:p@host:1',
      'http://host:99999',
    ];
    for (const endpoint of [...bad, 'unix://', 'unix:///', 'http://host:4317/v1/traces']) {
      assert.throws(() => resolve('grpc', endpoint), { code, message: /HOST:PORT/ }, endpoint);
    }
    for (const endpoint of [...bad, 'unix:///run/otlp.sock']) {
      assert.throws(() => resolve('http/protobuf', endpoint), { code, message: /HOST:PORT/ }, endpoint);
    }
  });

  it('refuses other options by name', () => {
    const code = 'HOPSPAN_ERR_INVALID_OPTION';
    assert.throws(() => resolveOtlpOptions({ protocol: 'http/json' as OtlpProtocol }), {
      code,
      message: /protocol is "http\/json"/,
    });
    assert.throws(() => resolveOtlpOptions({ compression: 'zstd' as 'gzip' }), {
      code,
      message: /compression is "zstd"/,
    });
    assert.throws(() => resolveOtlpOptions({ timeoutMillis: 0 }), { code, message: /timeoutMillis is 0/ });
  });
});
