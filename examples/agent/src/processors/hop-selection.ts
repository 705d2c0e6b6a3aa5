// SPDX-License-Identifier: Apache-2.0
// Processors that drop hops, and can be told others while they run.
import { HopFilter, type HopFilterOptions, ProbabilisticSampler } from '@hopspan/core';
import type { FilterProcessorConfig, SamplerProcessorConfig } from '../config/agent-config.ts';
import type { AgentProcessor } from './create-processor.ts';

/** A part of all traces. */
export function createSampler({ id, config }: SamplerProcessorConfig): AgentProcessor {
  const processor = new ProbabilisticSampler({ samplingPercentage: config.sampling_percentage });
  return {
    id,
    processor,
    configure: (changed) => {
      if (changed.type === 'probabilistic_sampler')
        processor.configure({ samplingPercentage: changed.config.sampling_percentage });
    },
  };
}

/** Certain addresses and ports. */
export function createFilter({ id, config }: FilterProcessorConfig): AgentProcessor {
  const processor = new HopFilter(config satisfies HopFilterOptions);
  return {
    id,
    processor,
    configure: (changed) => {
      if (changed.type === 'hop_filter') processor.configure(changed.config);
    },
  };
}
