// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDuration } from '../../src/config/duration.ts';

describe('parseDuration', () => {
  for (const [text, millis] of [
    ['0', 0],
    ['200ms', 200],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['2h', 7_200_000],
    ['500us', 0.5],
    ['500µs', 0.5],
    ['1s200ms', 1200],
  ] as const) {
    it(`reads ${text} as ${millis} ms`, () => assert.equal(parseDuration(text), millis));
  }

  for (const text of ['', '5', '5 s', 's', '-1s', '1d', '1s ', '1s5', '1..5s', '1e3s']) {
    it(`refuses "${text}"`, () => assert.equal(parseDuration(text), undefined));
  }
});
