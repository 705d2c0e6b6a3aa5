// SPDX-License-Identifier: Apache-2.0
import { checkInteger } from './check-option.ts';
import type { Counters } from './component.ts';

/** Options of BudgetProcessor. */
export interface BudgetProcessorOptions {
  /** Requests that can wait for their response at once; when there are more, the oldest is given up. Default: 16384. */
  maxRequests?: number;
  /** How long a request may wait for its response, in milliseconds. Default: 60000. */
  timeoutMillis?: number;
}

/**
 * Counters of BudgetProcessor. opened = completed + expired_request + expired_response + expired_partial + evicted +
 * misdirected + waiting, at every moment.
 */
export interface BudgetCounters extends Counters {
  /** Requests of which a first hop was seen. */
  readonly opened: number;
  /** Requests whose budget was put on a hop. */
  readonly completed: number;
  /** Requests whose response was not seen in time. */
  readonly expired_request: number;
  /** Responses whose request was not seen in time. */
  readonly expired_response: number;
  /** Requests with a response, of which a sighting at a NIC or a vport was missing. */
  readonly expired_partial: number;
  /** Given up before their time because the table was full. */
  readonly evicted: number;
  /** The response did not come back the way the request went, or the times contradict each other. */
  readonly misdirected: number;
  /** Requests in the table now. */
  readonly waiting: number;
  /** Hops that came when their request was already settled: late copies, and points beyond the outermost. */
  readonly late_hops: number;
  /** Response hops that do not say which request they answer. */
  readonly unidentified_responses: number;
}

/** The defaults of BudgetProcessor. */
export function getBudgetDefaults(): Required<BudgetProcessorOptions> {
  return { maxRequests: 16_384, timeoutMillis: 60_000 };
}

/** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
export function resolveBudgetOptions(options: BudgetProcessorOptions): Required<BudgetProcessorOptions> {
  const defaults = getBudgetDefaults();
  const atLeastOne = (name: keyof BudgetProcessorOptions, max: number) =>
    checkInteger('BudgetProcessor', name, options[name] ?? defaults[name], { min: 1, max });
  return {
    maxRequests: atLeastOne('maxRequests', 10_000_000),
    timeoutMillis: atLeastOne('timeoutMillis', 86_400_000),
  };
}
