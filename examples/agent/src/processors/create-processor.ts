// SPDX-License-Identifier: Apache-2.0
import { BudgetProcessor, type HopProcessor } from '@hopspan/core';
import type { ProcessorConfig } from '../config/agent-config.ts';
import type { Platform } from '../platform.ts';
import type { ComponentHealth } from '../telemetry/health.ts';
import { createContainerMetadata } from './container-metadata.ts';

/** A processor that takes part in the pipeline. */
export interface AgentProcessor {
  readonly id: string;
  /** Its `shutdown` ends what `start` began. */
  readonly processor: HopProcessor;
  /** Gets ready, before the first hop comes. Never rejects. */
  start?(): Promise<void>;
  /** For those that can be worse than fine. */
  health?(): Pick<ComponentHealth, 'reason'>;
}

/** Builds the processor of a configuration. */
export function createProcessor(
  config: ProcessorConfig,
  platform: Pick<Platform, 'network'>,
): AgentProcessor {
  if (config.type === 'container_metadata') return createContainerMetadata(config, platform.network);
  const { max_requests, timeout } = config.config;
  return {
    id: config.id,
    processor: new BudgetProcessor({ maxRequests: max_requests, timeoutMillis: timeout }),
  };
}
