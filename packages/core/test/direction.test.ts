// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directionOf } from '../src/direction.ts';

describe('directionOf', () => {
  const nic = { role: 'nic' } as const;
  const vport = { role: 'vport' } as const;

  it('names the four ways through a node', () => {
    assert.equal(directionOf(vport, nic), 'transmit');
    assert.equal(directionOf(nic, vport), 'receive');
    assert.equal(directionOf(vport, vport), 'local');
    assert.equal(directionOf(nic, nic), 'forward');
  });
});
