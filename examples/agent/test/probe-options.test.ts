// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../src/config/load.ts';
import { toProbeOptions } from '../src/probe-options.ts';

describe('toProbeOptions', () => {
  it('hands every key on, with the devices', () => {
    const keys =
      '{interfaces: {nic: [eth*], vport: [veth*]}, points: [cni0, flannel*], attach: clsact, search_bytes: 1024, contexts: [b3, traceparent], trace_state: true, responses: false, connection_slots: 128, header_buffers: 16, vxlan_ports: [1], table_slots: 64, ring_bytes: 8192, path_timeout: 2s, max_source_rate: 0, max_cpu_rate: 7, lost_messages: false, poll_interval: 5ms}';
    const { receiver } = parseConfig(`receivers: {ebpf_hops: ${keys}}`, { environment: {} });
    assert.deepEqual(toProbeOptions(receiver.config, { nic: ['eth0'], vport: ['veth*'] }), {
      interfaces: { nic: ['eth0'], vport: ['veth*'] },
      points: ['cni0', 'flannel*'],
      attach: 'clsact',
      searchBytes: 1024,
      contexts: ['b3', 'traceparent'],
      traceState: true,
      responses: false,
      vxlanPorts: [1],
      tableSlots: 64,
      connectionSlots: 128,
      headerBuffers: 16,
      ringBytes: 8192,
      pathTimeoutMillis: 2000,
      maxSourceRate: 0,
      maxCpuRate: 7,
      lostMessages: false,
      loadAhead: true,
      pollIntervalMillis: 5,
    });
  });
});
