// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, type TargetOp } from '../harness/target.ts';

const measured = (value: number | null, op: TargetOp, target: number) =>
  judge({ id: 'x', value, op, target, unit: 'ns' });

describe('judge', () => {
  it('lets the bound itself hold', () => {
    assert.equal(measured(5, '<=', 5).ok, true);
    assert.equal(measured(5, '>=', 5).ok, true);
    assert.equal(measured(5, '==', 5).ok, true);
  });

  it('fails what is beyond the bound', () => {
    assert.equal(measured(6, '<=', 5).ok, false);
    assert.equal(measured(-101, '>=', -100).ok, false);
    assert.equal(measured(4, '==', 5).ok, false);
  });

  it('holds nothing that could not be measured', () => {
    for (const op of ['<=', '>=', '=='] as const) assert.equal(measured(null, op, 0).ok, false);
  });

  it('reports what is no number as not measured, since JSON has no word for it', () => {
    assert.deepEqual(measured(Number.POSITIVE_INFINITY, '>=', 5), {
      ...{ id: 'x', value: null, op: '>=', target: 5, unit: 'ns', ok: false },
    });
  });
});
