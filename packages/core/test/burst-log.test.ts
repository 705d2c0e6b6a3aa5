// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBurstLog } from '../src/burst-log.ts';

describe('createBurstLog', () => {
  it('writes the first of a burst, and counts the rest into the next one', () => {
    const written: unknown[][] = [];
    let now = 0;
    const log = createBurstLog(
      (...line) => void written.push(line),
      1000,
      () => now,
    );
    const error = new Error('x');
    log('full', error);
    log('full');
    now = 999;
    log('full');
    now = 1000;
    log('full');
    now = 2000;
    log('full');
    assert.deepEqual(written, [
      ['full', error],
      ['full (and 2 more like it since the last message)'],
      ['full'],
    ]);
  });
});
