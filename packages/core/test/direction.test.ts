// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directionOf, podEnd } from '../src/direction.ts';
import { makeHop } from './make-hop.ts';

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

describe('podEnd', () => {
  it('is where the message leaves or reaches a pod', () => {
    const hop = makeHop();
    assert.equal(podEnd(hop), hop.to);
    assert.equal(podEnd({ ...hop, direction: 'transmit' }), hop.from);
    assert.equal(podEnd({ ...hop, direction: 'local' }), hop.from);
  });
});
