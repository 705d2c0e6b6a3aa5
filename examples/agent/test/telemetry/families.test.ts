// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentCounters } from '../../src/telemetry/agent-counters.ts';
import { toFamilies } from '../../src/telemetry/families.ts';

const counters: AgentCounters = {
  receivers: { ebpf_hops: { records_read: 5 } },
  points: [
    { interface: 'eth0', ifindex: 2, role: 'nic', hook: 'egress', counters: { sightings: 4 } },
    { interface: 'veth1', ifindex: 3, role: 'vport', hook: 'ingress', counters: { sightings: 6 } },
  ],
  table: { live: 1, held: 2, suspected: 0, capacity: 8192 },
  clock: { steps: 1 },
  pipeline: { received: 5, queued: 1 },
  processors: { budget: { completed: 2, waiting: 1 } },
  exporters: { 'otlp_grpc/a': { sent: 3, queued: 2 }, debug: { hops: 5, queued: 0 } },
  histogram: {},
  metrics: { pushes: 1 },
};

describe('toFamilies', () => {
  const families = toFamilies(counters, { sightings: 'contexts seen' });
  const find = (name: string) => families.find((family) => family.name === name);

  it('has every name once', () => {
    const names = families.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
  it('labels the counters of the kernel with their point', () => {
    assert.deepEqual(find('hopspan_probe_sightings')?.samples, [
      { labels: { interface: 'eth0', role: 'nic', hook: 'egress' }, value: 4 },
      { labels: { interface: 'veth1', role: 'vport', hook: 'ingress' }, value: 6 },
    ]);
  });
  it('says what the kernel counts, and falls back to the name', () => {
    assert.equal(find('hopspan_probe_sightings')?.help, 'Kernel programs, by tracing point: contexts seen.');
    assert.equal(find('hopspan_receiver_records_read')?.help, 'Receiver, in user space: records read.');
  });
  it('puts the same counter of two exporters under one name', () => {
    assert.deepEqual(find('hopspan_exporter_queued')?.samples, [
      { labels: { exporter: 'otlp_grpc/a' }, value: 2 },
      { labels: { exporter: 'debug' }, value: 0 },
    ]);
  });
  it('makes gauges of what goes up and down, and counters of the rest', () => {
    const gauges = families.filter(({ type }) => type === 'gauge').map(({ name }) => name);
    assert.deepEqual(gauges, [
      'hopspan_table_live',
      'hopspan_table_held',
      'hopspan_table_suspected',
      'hopspan_table_capacity',
      'hopspan_pipeline_queued',
      'hopspan_processor_waiting',
      'hopspan_exporter_queued',
    ]);
  });
});
