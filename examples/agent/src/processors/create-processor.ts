// SPDX-License-Identifier: Apache-2.0
import { BudgetProcessor, type HopProcessor } from '@hopspan/core';
import type { ProcessorConfig } from '../config/agent-config.ts';
import type { EbpfHopsConfig } from '../config/schema.ts';
import type { AgentEnvironment } from '../env.ts';
import type { Logger } from '../logging/logger.ts';
import type { Platform } from '../platform.ts';
import type { ResourceAttributes } from '../resource.ts';
import type { ComponentHealth } from '../telemetry/health.ts';
import { createContainerMetadata } from './container-metadata.ts';
import { createFilter, createSampler } from './hop-selection.ts';
import { createK8sAttributes } from './k8s-attributes.ts';

/** A processor that takes part in the pipeline. */
export interface AgentProcessor {
  readonly id: string;
  /** Its `shutdown` ends what `start` began. */
  readonly processor: HopProcessor;
  /** Gets ready, before the first hop comes. Rejects only where it never could, with the mend in the message. */
  start?(): Promise<void>;
  /** For those that can be worse than fine. */
  health?(): Partial<Pick<ComponentHealth, 'status' | 'reason'>>;
  /** For those that find pods: tells of their devices whenever they are others than before. */
  followDevices?(listener: (devices: readonly string[]) => void): void;
  /** For those that can change while they run: does as this says from now on, when it is of the same type. */
  configure?(config: ProcessorConfig): void;
  /** For those that find pods: means other pods from now on. */
  selectPods?(selector: EbpfHopsConfig['pods']): void;
}

/** What processors are made with. */
export interface ProcessorContext {
  readonly platform: Pick<Platform, 'network'>;
  readonly log: Pick<Logger, 'warn'>;
  readonly apiServer?: AgentEnvironment['apiServer'];
  /** Which pods are traced. */
  readonly pods?: EbpfHopsConfig['pods'];
  /** Of the agent's own spans: its service.name belongs to no mesh. */
  readonly resource: ResourceAttributes;
}

/** Builds the processor of a configuration. */
export function createProcessor(config: ProcessorConfig, context: ProcessorContext): AgentProcessor {
  if (config.type === 'container_metadata') return createContainerMetadata(config, context.platform.network);
  if (config.type === 'k8s_attributes') return createK8sAttributes(config, context);
  if (config.type === 'probabilistic_sampler') return createSampler(config);
  if (config.type === 'hop_filter') return createFilter(config);
  const { max_requests, timeout } = config.config;
  return {
    id: config.id,
    processor: new BudgetProcessor({ maxRequests: max_requests, timeoutMillis: timeout }),
  };
}
