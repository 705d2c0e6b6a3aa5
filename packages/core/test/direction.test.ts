// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directionOf, podEnd } from '../src/direction.ts';
import type { Hook, PointRole } from '../src/hop.ts';
import { makeHop } from './make-hop.ts';

/** `vport.in` is the ingress hook of a vport. */
function directions(path: string): string[] {
  const points = path.split(' ').map((text) => {
    const [role, hook] = text.split('.');
    return { role: role as PointRole, hook: (hook === 'in' ? 'ingress' : 'egress') as Hook };
  });
  return points.slice(1).map((to, i) => directionOf(points[i] as typeof to, to));
}

describe('directionOf', () => {
  it('names the four ways through a node', () => {
    assert.deepEqual(directions('vport.in nic.out'), ['transmit']);
    assert.deepEqual(directions('nic.in vport.out'), ['receive']);
    assert.deepEqual(directions('vport.in vport.out'), ['local']);
    assert.deepEqual(directions('nic.in nic.out'), ['forward']);
  });

  it('says of every hop on a longer way whether it leads away from the pod or towards it', () => {
    const out = directions('vport.in bridge.in tunnel.out bond.out nic.out');
    assert.deepEqual(out, ['transmit', 'transmit', 'transmit', 'transmit']);
    const back = directions('nic.in bond.in tunnel.in bridge.out vport.out');
    assert.deepEqual(back, ['receive', 'receive', 'receive', 'receive']);
  });

  it('knows pods of one node that talk by way of their bridge', () => {
    const way = directions('vport.in bridge.in bridge.out vport.out');
    assert.deepEqual(way, ['transmit', 'local', 'receive']);
  });

  it('is not misled by a bridge between tunnel and NIC', () => {
    assert.deepEqual(directions('vport.in tunnel.out bridge.out nic.out'), [
      'transmit',
      'transmit',
      'transmit',
    ]);
    assert.deepEqual(directions('nic.in bridge.in tunnel.in vport.out'), ['receive', 'receive', 'receive']);
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
