// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findChanges } from '../../src/config/changes.ts';
import { parseConfig } from '../../src/config/load.ts';

const parse = (text: string) => parseConfig(text, { environment: {} });

describe('findChanges', () => {
  const before = parse('receivers: {ebpf_hops: {interfaces: {nic: [eth0]}}}');

  it('finds none between equal configurations', () => {
    const same = parse('receivers:\n  ebpf_hops:\n    interfaces:\n      nic: [eth0]\n');
    assert.deepEqual(findChanges(before, same), { live: [], restart: [] });
  });

  it('tells what takes effect at once from what needs a start', () => {
    const after = parse(`
receivers: {ebpf_hops: {interfaces: {nic: [eth1]}, search_bytes: 1024}}
exporters: {otlp_grpc: {endpoint: "127.0.0.1:4317"}}
service: {telemetry: {logs: {level: debug}}}`);
    assert.deepEqual(findChanges(before, after), {
      live: ['receivers::ebpf_hops::interfaces'],
      restart: ['receivers::ebpf_hops::search_bytes', 'service::telemetry::logs::level', 'exporters'],
    });
  });

  it('knows which processors can change while they run', () => {
    const text = (percentage: number, port: number, budget: string) => `
processors:
  probabilistic_sampler: {sampling_percentage: ${percentage}}
  hop_filter: {exclude: {ports: [${port}]}}
  budget: {timeout: ${budget}}`;
    const one = parse(text(10, 80, '1m'));
    assert.deepEqual(findChanges(one, parse(text(20, 81, '1m'))), {
      live: ['processors::probabilistic_sampler', 'processors::hop_filter'],
      restart: [],
    });
    assert.deepEqual(findChanges(one, parse(text(10, 80, '2m'))).restart, ['processors::budget']);
    assert.deepEqual(findChanges(one, parse('processors: {budget: {}}')).restart, ['processors']);
  });
});
