// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HopspanError } from '@hopspan/core';
import { DiscoveryError } from '../src/index.ts';

describe('DiscoveryError', () => {
  it('is a HopspanError with a stable code and its cause', () => {
    const cause = new Error('no such file');
    const error = new DiscoveryError('HOPSPAN_ERR_KUBE_CONFIG', 'no cluster', { cause });
    assert.ok(error instanceof HopspanError);
    assert.deepEqual(
      [error.name, error.code, error.cause],
      ['DiscoveryError', 'HOPSPAN_ERR_KUBE_CONFIG', cause],
    );
  });
});
