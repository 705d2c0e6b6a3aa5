// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { judgeExportError } from '../src/retryable.ts';
import { codedError } from './fake-span-exporter.ts';
import { retryInfoStatus } from './retry-info-status.ts';

const withStatus = (code: number, ...values: unknown[]) =>
  codedError(code, { metadata: { get: () => values } });

describe('judgeExportError', () => {
  it('retries exactly the gRPC statuses that OTLP allows', () => {
    const retried = Object.entries(status)
      .filter(([, code]) => typeof code === 'number' && judgeExportError(codedError(code)).retryable)
      .map(([name]) => name);
    assert.deepEqual(retried.sort(), [
      'ABORTED',
      'CANCELLED',
      'DATA_LOSS',
      'DEADLINE_EXCEEDED',
      'OUT_OF_RANGE',
      'UNAVAILABLE',
    ]);
  });

  it('retries RESOURCE_EXHAUSTED when the server says how long to wait', () => {
    assert.deepEqual(judgeExportError(withStatus(8, retryInfoStatus(1, 0))), {
      retryable: true,
      delayMillis: 1000,
    });
    assert.equal(judgeExportError(withStatus(8)).retryable, false);
    assert.equal(judgeExportError(withStatus(8, Buffer.from('nonsense'))).retryable, false);
  });

  it('takes the delay of UNAVAILABLE, and never a delay for a retry that is not allowed', () => {
    assert.deepEqual(judgeExportError(withStatus(14, retryInfoStatus(3, 0))), {
      retryable: true,
      delayMillis: 3000,
    });
    assert.equal(judgeExportError(withStatus(3, retryInfoStatus(3, 0))).retryable, false);
  });

  it('retries exactly the HTTP statuses that OTLP allows', () => {
    const all = Array.from({ length: 500 }, (_, i) => i + 100);
    assert.deepEqual(
      all.filter((code) => judgeExportError(codedError(code)).retryable),
      [429, 502, 503, 504],
    );
  });

  it('retries broken connections, not other system errors', () => {
    assert.equal(judgeExportError(codedError('ECONNREFUSED')).retryable, true);
    assert.equal(judgeExportError(codedError('ECONNRESET')).retryable, true);
    assert.equal(judgeExportError(codedError('EACCES')).retryable, false);
    assert.equal(judgeExportError(codedError('ERR_INVALID_URL')).retryable, false);
  });

  it("retries the exporters' own errors without a code, nothing else without one", () => {
    assert.equal(judgeExportError(new Error('Request timed out')).retryable, true);
    assert.equal(judgeExportError(new Error('Export failed with retryable status')).retryable, true);
    assert.equal(judgeExportError(new Error('Nothing to send')).retryable, false);
    assert.equal(judgeExportError(undefined).retryable, false);
  });
});
