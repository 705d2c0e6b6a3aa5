// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeliveryWatch } from '../../src/exporters/delivery-watch.ts';

describe('DeliveryWatch', () => {
  it('is content before anything was sent', () => {
    assert.deepEqual(new DeliveryWatch().judge({ sent: 0, retries: 0 }), { status: 'ok' });
  });
  it('is content again when spans arrive after retries', () => {
    const watch = new DeliveryWatch();
    assert.deepEqual(watch.judge({ sent: 0, retries: 3 }), {
      status: 'degraded',
      reason: '3 failures since the last spans arrived',
    });
    assert.deepEqual(watch.judge({ sent: 10, retries: 4 }), { status: 'ok' });
    assert.equal(watch.judge({ sent: 10, retries: 5 }).status, 'degraded');
  });
  it('takes lost spans as failures', () => {
    assert.equal(new DeliveryWatch().judge({ sent: 0, dropped_rejected: 7 }).status, 'degraded');
  });
});
