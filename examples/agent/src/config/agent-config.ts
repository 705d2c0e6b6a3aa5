// SPDX-License-Identifier: Apache-2.0
import type {
  BudgetConfig,
  ContainerMetadataConfig,
  FilterConfig,
  K8sAttributesConfig,
  SamplerConfig,
} from './processor-schemas.ts';
import type { DebugConfig, EbpfHopsConfig, HealthCheckConfig, OtlpConfig, ReaderConfig } from './schema.ts';

/** One component that takes part, as configured. */
interface Configured<Type extends string, Config> {
  /** `type[/name]` as written. */
  readonly id: string;
  readonly type: Type;
  readonly config: Config;
}

export type ReceiverConfig = Configured<'ebpf_hops', EbpfHopsConfig>;
export type BudgetProcessorConfig = Configured<'budget', BudgetConfig>;
export type ContainerProcessorConfig = Configured<'container_metadata', ContainerMetadataConfig>;
export type K8sProcessorConfig = Configured<'k8s_attributes', K8sAttributesConfig>;
export type SamplerProcessorConfig = Configured<'probabilistic_sampler', SamplerConfig>;
export type FilterProcessorConfig = Configured<'hop_filter', FilterConfig>;
export type ProcessorConfig =
  | BudgetProcessorConfig
  | ContainerProcessorConfig
  | FilterProcessorConfig
  | K8sProcessorConfig
  | SamplerProcessorConfig;
export type OtlpExporterConfig = Configured<'otlp_grpc' | 'otlp_http', OtlpConfig>;
export type ExporterConfig = OtlpExporterConfig | Configured<'debug', DebugConfig>;
export type ExtensionConfig = Configured<'health_check', HealthCheckConfig>;

/** A complete and checked configuration: only what takes part, with every default filled in. */
export interface AgentConfig {
  readonly receiver: ReceiverConfig;
  /** In the order in which hops pass them. */
  readonly processors: readonly ProcessorConfig[];
  readonly exporters: readonly ExporterConfig[];
  readonly extensions: readonly ExtensionConfig[];
  readonly readers: readonly ReaderConfig[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly resourceAttributes: Readonly<Record<string, string | number | boolean>>;
  /** What works but should be changed, one line each. */
  readonly warnings: readonly string[];
}
