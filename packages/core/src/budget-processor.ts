// SPDX-License-Identifier: Apache-2.0
import { type BudgetCounters, type BudgetProcessorOptions, resolveBudgetOptions } from './budget-options.ts';
import type { HopProcessor } from './component.ts';
import { Crossing } from './crossing.ts';
import type { Hop } from './hop.ts';
import type { BudgetRole, LatencyBudget } from './latency-budget.ts';
import { RecentKeys } from './recent-keys.ts';

/** A request that waits for the rest of its hops. */
interface OpenRequest {
  readonly openedNs: bigint;
  readonly request: Crossing;
  readonly response: Crossing;
}

/** By the ways of the request and of the response. */
const ROLES: Readonly<Record<string, BudgetRole>> = {
  'vport-nic nic-vport': 'client',
  'nic-vport vport-nic': 'server',
  'vport-vport vport-vport': 'local',
  'nic-nic nic-nic': 'forward',
};

const KINDS = ['request', 'response'] as const;

/** Late hops are told from new ones among this many of the latest settled requests. */
const SETTLED_KEYS = 4096;

/**
 * Joins the hops of a request with those of its response on one node and puts the latency budget on the hop that
 * completes it: the response's, unless the request came in a later batch than that. Hops are joined by context
 * and by the stream position of the request, which the kernel notes on its response: neither a context that is used
 * again nor pipelining can mix them up. It holds no hop back and drops none.
 */
export class BudgetProcessor implements HopProcessor {
  readonly #maxRequests: number;
  readonly #timeoutNs: bigint;
  /** In the order in which they were opened. */
  readonly #open = new Map<string, OpenRequest>();
  readonly #settled = new RecentKeys(SETTLED_KEYS);
  /** The latest kernel time that a hop told: the processor has no clock, and needs none while nothing comes. */
  #nowNs = 0n;
  readonly #tally = {
    opened: 0,
    completed: 0,
    expired_request: 0,
    expired_response: 0,
    expired_partial: 0,
    evicted: 0,
    misdirected: 0,
    late_hops: 0,
    unidentified_responses: 0,
  };

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: BudgetProcessorOptions = {}) {
    const { maxRequests, timeoutMillis } = resolveBudgetOptions(options);
    this.#maxRequests = maxRequests;
    this.#timeoutNs = BigInt(timeoutMillis) * 1_000_000n;
  }

  process(hops: readonly Hop[]): readonly Hop[] {
    let changed: Hop[] | undefined;
    // A batch comes ring by ring, so a response may stand before its request: requests are taken first.
    for (const kind of KINDS) {
      for (let i = 0; i < hops.length; i += 1) {
        const hop = hops[i] as Hop;
        const budget = hop.kind === kind ? this.#take(hop) : undefined;
        if (budget === undefined) continue;
        changed ??= [...hops];
        changed[i] = { ...hop, budget };
      }
    }
    this.#expire();
    return changed ?? hops;
  }

  counters(): BudgetCounters {
    return { ...this.#tally, waiting: this.#open.size };
  }

  /** Nothing is held back. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing is owned; what still waits stays visible as `waiting`. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** The budget, when this hop was the last that it took. */
  #take(hop: Hop): LatencyBudget | undefined {
    if (hop.to.monotonicNs > this.#nowNs) this.#nowNs = hop.to.monotonicNs;
    if (isInterim(hop)) return undefined;
    const position = hop.kind === 'request' ? hop.streamPosition : hop.requestPosition;
    if (position === undefined) {
      this.#tally.unidentified_responses += 1;
      return undefined;
    }
    const key = `${hop.context.traceId}${hop.context.spanId}${position}`;
    const open = this.#open.get(key) ?? this.#openNew(key, hop);
    if (open === undefined) return undefined;
    open[hop.kind].note(hop);
    return this.#settle(key, open, position);
  }

  #openNew(key: string, hop: Hop): OpenRequest | undefined {
    if (this.#settled.has(key)) {
      this.#tally.late_hops += 1;
      return undefined;
    }
    if (this.#open.size >= this.#maxRequests) this.#evictOldest();
    const open = { openedNs: hop.from.monotonicNs, request: new Crossing(), response: new Crossing() };
    this.#open.set(key, open);
    this.#tally.opened += 1;
    return open;
  }

  #settle(
    key: string,
    { request, response }: OpenRequest,
    requestPosition: number,
  ): LatencyBudget | undefined {
    const { enteredNs, leftNs } = request;
    const { enteredNs: returnedNs, leftNs: endedNs } = response;
    if (enteredNs === undefined || leftNs === undefined) return undefined;
    if (returnedNs === undefined || endedNs === undefined) return undefined;
    this.#close(key);
    const role = ROLES[`${request.way} ${response.way}`];
    const budget = {
      requestPosition,
      requestNs: Number(leftNs - enteredNs),
      betweenNs: Number(returnedNs - leftNs),
      responseNs: Number(endedNs - returnedNs),
      retransmission: Math.max(request.retransmission, response.retransmission),
    };
    if (role === undefined || budget.requestNs < 0 || budget.betweenNs < 0 || budget.responseNs < 0) {
      this.#tally.misdirected += 1;
      return undefined;
    }
    this.#tally.completed += 1;
    return { role, ...budget };
  }

  #evictOldest(): void {
    const [key] = this.#open.keys();
    if (key === undefined) return;
    this.#close(key);
    this.#tally.evicted += 1;
  }

  #expire(): void {
    for (const [key, { openedNs, request, response }] of this.#open) {
      if (this.#nowNs - openedNs < this.#timeoutNs) return;
      this.#close(key);
      if (request.seen && response.seen) this.#tally.expired_partial += 1;
      else if (request.seen) this.#tally.expired_request += 1;
      else this.#tally.expired_response += 1;
    }
  }

  #close(key: string): void {
    this.#open.delete(key);
    this.#settled.add(key);
  }
}

/** 100 Continue and the like: the response is yet to come. 101 is the last one of its connection (RFC 9110, 15.2). */
function isInterim({ kind, statusCode = 0 }: Hop): boolean {
  return kind === 'response' && statusCode >= 100 && statusCode < 200 && statusCode !== 101;
}
