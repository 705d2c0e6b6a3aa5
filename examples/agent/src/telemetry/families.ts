// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import { formatOpenMetricsFamily, type OpenMetricsSample } from '@hopspan/exporter';
import type { Platform } from '../platform.ts';
import type { AgentCounters } from './agent-counters.ts';

/** All samples of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: OpenMetricsSample[];
}

type Labels = NonNullable<OpenMetricsSample['labels']>;

/** Names that go up and down although they are reported among the counters. */
const gauges = new Set([
  'queued',
  'waiting',
  'live',
  'held',
  'suspected',
  'capacity',
  'connections',
  'connection_capacity',
  'responses_awaited',
  'headers_waiting',
  'in_flight',
  'offset_ns',
]);

/** The agent's counters as metric families, each name once; `texts` say what the kernel's count. */
export function toFamilies(counters: AgentCounters, texts: Platform['counterTexts'] = {}): MetricFamily[] {
  const families = new Families(texts);
  for (const { counters: values, role, hook, ...point } of counters.points) {
    families.add('hopspan_probe', 'Kernel programs, by tracing point', values, {
      interface: point.interface,
      role,
      hook,
    });
  }
  families.add('hopspan_table', "The kernel's tables of hops and of connections", { ...counters.table }, {});
  for (const [receiver, values] of Object.entries(counters.receivers)) {
    families.add('hopspan_receiver', 'Receiver, in user space', values, { receiver });
  }
  families.add('hopspan_clock', 'Clock that dates the hops', counters.clock, {});
  families.add('hopspan_pipeline', 'Queue between receiver and exporters', counters.pipeline, {});
  for (const [processor, values] of Object.entries(counters.processors)) {
    families.add('hopspan_processor', 'Processor', values, { processor });
  }
  for (const [exporter, values] of Object.entries(counters.exporters)) {
    families.add('hopspan_exporter', 'Exporter', values, { exporter });
  }
  families.add('hopspan_histogram', 'Histogram of hop durations', counters.histogram, {});
  families.add('hopspan_metrics', "Sending of the agent's own metrics", counters.metrics, {});
  return families.list();
}

/** A family as OpenMetrics text. */
export function formatFamily({ type, name, help, samples }: MetricFamily): string {
  return formatOpenMetricsFamily(type, name, help, samples);
}

class Families {
  readonly #byName = new Map<string, MetricFamily>();
  readonly #texts: Platform['counterTexts'];

  constructor(texts: Platform['counterTexts']) {
    this.#texts = texts;
  }

  add(prefix: string, what: string, counters: Counters, labels: Labels): void {
    for (const [key, value] of Object.entries(counters)) {
      const name = `${prefix}_${key}`;
      const help = `${what}: ${this.#texts[key] ?? key.replaceAll('_', ' ')}.`;
      const found = this.#byName.get(name) ?? createFamily(name, help, key);
      found.samples.push({ labels, value });
      this.#byName.set(name, found);
    }
  }

  list(): MetricFamily[] {
    return [...this.#byName.values()];
  }
}

function createFamily(name: string, help: string, key: string): MetricFamily {
  return { name, help, type: gauges.has(key) ? 'gauge' : 'counter', samples: [] };
}
