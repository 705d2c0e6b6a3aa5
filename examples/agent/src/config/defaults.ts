// SPDX-License-Identifier: Apache-2.0
import type { Section } from './component-types.ts';

/**
 * The components of a section that the configuration does not have: with no file at all, hops of the
 * default-route device and of the usual pod devices are printed with their latency budgets, and health and metrics are served on loopback.
 */
export function getDefaultComponents(): Record<Section, Record<string, unknown>> {
  return {
    receivers: { ebpf_hops: {} },
    processors: { budget: {} },
    exporters: { debug: {} },
    extensions: { health_check: {} },
  };
}
