// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isGlob, selectByGlobs } from '../../src/net/glob.ts';

describe('selectByGlobs', () => {
  const names = ['eth0', 'eth0.100', 'veth1', 'veth22', 'cali[x]'];
  for (const [globs, selected] of [
    [['veth*'], ['veth1', 'veth22']],
    [['veth?'], ['veth1']],
    [['eth0'], ['eth0']],
    [['eth0.*'], ['eth0.100']],
    [['cali[x]'], ['cali[x]']],
    [['*'], names],
    [
      ['v*', 'eth0'],
      ['eth0', 'veth1', 'veth22'],
    ],
    [[], []],
  ] as const) {
    it(`selects ${selected.join(' ') || 'nothing'} by ${globs.join(' ') || 'nothing'}`, () => {
      assert.deepEqual(selectByGlobs(names, globs), selected);
    });
  }
});

describe('isGlob', () => {
  it('tells a pattern from a name', () =>
    assert.deepEqual(['eth0', 'veth*', 'a?'].map(isGlob), [false, true, true]));
});
