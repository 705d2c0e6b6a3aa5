// SPDX-License-Identifier: Apache-2.0
import { BudgetProcessor, type HopProcessor } from '@hopspan/core';
import type { ProcessorConfig } from '../config/agent-config.ts';

/** A processor that takes part in the pipeline. */
export interface AgentProcessor {
  readonly id: string;
  readonly processor: HopProcessor;
}

/** Builds the processor of a configuration. */
export function createProcessor({ id, config }: ProcessorConfig): AgentProcessor {
  const { max_requests, timeout } = config;
  return { id, processor: new BudgetProcessor({ maxRequests: max_requests, timeoutMillis: timeout }) };
}
