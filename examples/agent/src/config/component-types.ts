// SPDX-License-Identifier: Apache-2.0
import type { z } from 'zod';
import {
  budgetSchema,
  containerMetadataSchema,
  filterSchema,
  k8sAttributesSchema,
  samplerSchema,
} from './processor-schemas.ts';
import { debugSchema, ebpfHopsSchema, healthCheckSchema, otlpGrpcSchema, otlpHttpSchema } from './schema.ts';

export const sections = ['receivers', 'processors', 'exporters', 'extensions'] as const;
export type Section = (typeof sections)[number];

/** Component types by section, with what their configuration must look like. */
export const componentTypes: Readonly<Record<Section, Readonly<Record<string, z.ZodType>>>> = {
  receivers: { ebpf_hops: ebpfHopsSchema },
  processors: {
    budget: budgetSchema,
    container_metadata: containerMetadataSchema,
    hop_filter: filterSchema,
    k8s_attributes: k8sAttributesSchema,
    probabilistic_sampler: samplerSchema,
  },
  exporters: { otlp_grpc: otlpGrpcSchema, otlp_http: otlpHttpSchema, debug: debugSchema },
  extensions: { health_check: healthCheckSchema },
};

/** Names the Collector used before; they still work and say so. */
export const deprecatedTypes: Readonly<Record<string, string>> = { otlp: 'otlp_grpc', otlphttp: 'otlp_http' };

/** A component id, `type` or `type/name`. */
export interface ComponentId {
  readonly type: string;
  readonly name?: string;
}

const idPattern = /^([a-z][a-z0-9_]*)(?:\/([^\s/]+))?$/;

/** Takes `type[/name]` apart; undefined when it is not of that form. */
export function parseComponentId(id: string): ComponentId | undefined {
  const [, type, name] = idPattern.exec(id) ?? [];
  return type === undefined ? undefined : { type, name };
}
