// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BoundedQueue } from '../src/bounded-queue.ts';

describe('BoundedQueue', () => {
  it('refuses a capacity that is not a positive integer', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new BoundedQueue(capacity), { code: 'HOPSPAN_ERR_INVALID_OPTION' });
    }
  });

  it('behaves like an array that refuses what does not fit', () => {
    const operations = fc.array(fc.oneof(fc.record({ push: fc.nat(9) }), fc.record({ take: fc.nat(9) })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), operations, (capacity, steps) => {
        const queue = new BoundedQueue<number>(capacity);
        const model: number[] = [];
        for (const step of steps) {
          if ('take' in step) assert.deepEqual(queue.take(step.take), model.splice(0, step.take));
          else {
            const fits = model.length < capacity;
            assert.equal(queue.push(step.push), fits);
            if (fits) model.push(step.push);
          }
          assert.equal(queue.length, model.length);
        }
      }),
    );
  });

  it('lets go of what it handed out', async () => {
    const queue = new BoundedQueue<object>(4);
    const ref = (() => {
      const item = {};
      queue.push(item);
      queue.take(1);
      return new WeakRef(item);
    })();
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    await new Promise((resolve) => setImmediate(resolve));
    runInNewContext('gc')();
    assert.equal(ref.deref(), undefined);
  });
});
