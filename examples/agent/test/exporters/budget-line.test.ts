// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatBudget } from '../../src/exporters/budget-line.ts';

const times = { requestPosition: 1, requestNs: 7000, betweenNs: 950, responseNs: 3050, retransmission: 0 };

describe('formatBudget', () => {
  it("uses the words of the node's role", () => {
    assert.deepEqual(
      (['client', 'server', 'local', 'forward'] as const).map((role) => formatBudget({ role, ...times })),
      [
        'client: transmit 7.0 µs · away 0.9 µs · receive 3.0 µs',
        'server: receive 7.0 µs · in the pod 0.9 µs · transmit 3.0 µs',
        'local: request 7.0 µs · in the pod 0.9 µs · response 3.0 µs',
        'forward: request 7.0 µs · away 0.9 µs · response 3.0 µs',
      ],
    );
  });

  it('says that there were copies', () => {
    assert.match(formatBudget({ ...times, role: 'client', retransmission: 2 }), / \(retransmission 2\)$/);
  });
});
