// SPDX-License-Identifier: Apache-2.0
import type { HopConsumer } from '@hopspan/core';
import type { HopDurationHistogram } from '@hopspan/exporter';
import type { ExporterConfig } from '../config/agent-config.ts';
import type { OtlpEndpoint } from '../net/endpoint.ts';
import type { ResourceAttributes } from '../resource.ts';
import type { ComponentHealth } from '../telemetry/health.ts';
import { DebugExporter } from './debug-exporter.ts';
import { createOtlpExporter } from './otlp-exporter.ts';

/** An exporter that takes part in the pipeline. */
export interface AgentExporter {
  readonly id: string;
  readonly consumer: HopConsumer;
  /** Where it sends to, for those that send. */
  readonly endpoint?: OtlpEndpoint;
  health(): ComponentHealth;
}

/** What every exporter may need. */
export interface ExporterContext {
  readonly resource: ResourceAttributes;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  /** Records each hop with the id of its span; only for the first exporter that makes spans. */
  readonly histogram?: HopDurationHistogram;
  /** How long shutdown may go on sending. */
  readonly shutdownTimeoutMillis: number;
}

/** Builds the exporter of a configuration; what it sends with is loaded only here. */
export async function createExporter(
  configured: ExporterConfig,
  context: ExporterContext,
): Promise<AgentExporter> {
  if (configured.type !== 'debug') return createOtlpExporter(configured, context);
  return {
    id: configured.id,
    consumer: new DebugExporter({ verbosity: configured.config.verbosity, write: context.write }),
    health: () => ({ status: 'ok' }),
  };
}
