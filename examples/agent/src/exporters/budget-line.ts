// SPDX-License-Identifier: Apache-2.0
import type { BudgetRole, LatencyBudget } from '@hopspan/core';

/** What request, the time between, and response are to a node. */
const WORDS: Readonly<Record<BudgetRole, readonly [string, string, string]>> = {
  client: ['transmit', 'away', 'receive'],
  server: ['receive', 'in the pod', 'transmit'],
  local: ['request', 'in the pod', 'response'],
  forward: ['request', 'away', 'response'],
};

/** `client: transmit 12.3 µs · away 1234.5 µs · receive 9.0 µs` */
export function formatBudget(budget: LatencyBudget): string {
  const values = [budget.requestNs, budget.betweenNs, budget.responseNs];
  const parts = WORDS[budget.role].map((word, i) => `${word} ${((values[i] ?? 0) / 1000).toFixed(1)} µs`);
  const note = budget.retransmission > 0 ? ` (retransmission ${budget.retransmission})` : '';
  return `${budget.role}: ${parts.join(' · ')}${note}`;
}
