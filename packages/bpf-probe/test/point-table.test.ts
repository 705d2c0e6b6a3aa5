// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PointTable } from '../src/point-table.ts';

const device = (ifindex: number) =>
  ({ ifindex, ifname: `veth${ifindex}`, hardwareType: 1, role: 'vport' }) as const;
const indexes = (points: readonly { index: number }[]) => points.map(({ index }) => index);

describe('PointTable', () => {
  it('gives a device an ingress and an egress point, never index 0', () => {
    const points = new PointTable(8).add(device(5));
    assert.deepEqual(points, [
      { index: 1, ifindex: 5, ifname: 'veth5', role: 'vport', hook: 'ingress' },
      { index: 2, ifindex: 5, ifname: 'veth5', role: 'vport', hook: 'egress' },
    ]);
  });

  it('knows a released point until its index is given out again, oldest first', () => {
    const table = new PointTable(7);
    const first = table.add(device(1));
    const second = table.add(device(2));
    table.release(second);
    table.release(first);
    assert.equal(table.get(1), first[0]);
    assert.deepEqual(indexes(table.add(device(3))), [5, 6]);
    assert.deepEqual(indexes(table.add(device(4))), [3, 4]);
    assert.equal(table.get(3)?.ifindex, 4);
    assert.equal(table.get(1)?.ifindex, 1);
  });

  it('refuses a device when there are not two indexes left, and takes nothing', () => {
    const table = new PointTable(4);
    table.add(device(1));
    assert.throws(() => table.add(device(2)), { code: 'HOPSPAN_ERR_TOO_MANY_POINTS' });
    assert.equal(table.size, 3);
  });

  it('lets an index rest that was given back', () => {
    let now = 0;
    const table = new PointTable(5, 1000, () => now);
    const [first, second] = [table.add(device(1)), table.add(device(2))];
    table.release(first);
    now = 999;
    assert.throws(() => table.add(device(3)), {
      code: 'HOPSPAN_ERR_TOO_MANY_POINTS',
      message: /all 5 points are in use \(2 of them by devices that have just gone, for 1000 ms\)/,
    });
    table.release(second);
    now = 1000;
    assert.deepEqual(indexes(table.add(device(3))), [1, 2]);
    assert.throws(() => table.add(device(4)), { code: 'HOPSPAN_ERR_TOO_MANY_POINTS' });
  });
});
