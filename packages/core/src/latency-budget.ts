// SPDX-License-Identifier: Apache-2.0

/**
 * What a node is to a request, from the way its packets take through it. client: from a pod to the NIC and back;
 * server: from the NIC to a pod and back; local: from pod to pod; forward: from NIC to NIC.
 */
export type BudgetRole = 'client' | 'server' | 'local' | 'forward';

/**
 * Where the time of one request and its response went, as one node's kernel clock tells: three durations in a row,
 * each the difference of two readings of the same clock, in nanoseconds. Wall time has no part in it.
 */
export interface LatencyBudget {
  readonly role: BudgetRole;
  /** Stream position of the request: the same on every node that it passes, unless something rewrites sequence numbers. */
  readonly requestPosition: number;
  /** The request's way through the node, from the first of its tracing points to the last. */
  readonly requestNs: number;
  /** client, forward: from when the request left the NIC until the response came back. server, local: in the pod. */
  readonly betweenNs: number;
  /** The response's way through the node. */
  readonly responseNs: number;
  /** 0, or the highest number among the copies of request and response that were seen before the budget was complete. */
  readonly retransmission: number;
}

/** The whole of it: from the request's first tracing point to the response's last. */
export function budgetTotalNs({ requestNs, betweenNs, responseNs }: LatencyBudget): number {
  return requestNs + betweenNs + responseNs;
}
