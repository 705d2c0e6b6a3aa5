// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suggest } from '../../src/config/suggest.ts';

describe('suggest', () => {
  it('finds a key with a letter too few', () => {
    assert.equal(suggest('endpont', ['endpoint', 'headers']), 'endpoint');
  });
  it('ignores case', () =>
    assert.equal(suggest('SEARCH_BYTES', ['ring_bytes', 'search_bytes']), 'search_bytes'));
  it('prefers the nearest of several', () => {
    assert.equal(suggest('max_intervall', ['initial_interval', 'max_interval']), 'max_interval');
  });
  it('says nothing when nothing is near', () =>
    assert.equal(suggest('colour', ['endpoint', 'headers']), undefined));
  it('says nothing without candidates', () => assert.equal(suggest('x', []), undefined));
});
