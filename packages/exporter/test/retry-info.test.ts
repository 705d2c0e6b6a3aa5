// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseRetryDelay } from '../src/retry-info.ts';
import { retryInfoStatus } from './retry-info-status.ts';

describe('parseRetryDelay', () => {
  it('reads seconds and nanoseconds', () => {
    assert.equal(parseRetryDelay(retryInfoStatus(2, 500_000_000)), 2500);
    assert.equal(parseRetryDelay(retryInfoStatus(300, 0)), 300_000);
  });
  it('takes a RetryInfo without a delay for no wait', () => {
    assert.equal(parseRetryDelay(retryInfoStatus()), 0);
  });
  it('finds it behind other details', () => {
    const other = retryInfoStatus(9, 9, 'type.googleapis.com/google.rpc.ErrorInfo');
    assert.equal(parseRetryDelay(Buffer.concat([other, retryInfoStatus(1, 0)])), 1000);
    assert.equal(parseRetryDelay(other), undefined);
  });
  it('finds none in an empty, cut or foreign message', () => {
    const whole = retryInfoStatus(2, 5);
    for (let length = 0; length < whole.length; length += 1) {
      assert.equal(parseRetryDelay(whole.subarray(0, length)), undefined, `cut at ${length}`);
    }
  });
  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseRetryDelay(bytes)));
  });
});
