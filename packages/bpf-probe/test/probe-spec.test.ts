// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORMAT_SW8, FORMAT_TRACEPARENT, PROBE_CONFIG } from '../src/generated/abi.ts';
import { resolveProbeOptions } from '../src/options.ts';
import { createProbeSpec } from '../src/probe-spec.ts';

const object = Uint8Array.of(1);
const options = resolveProbeOptions({
  interfaces: { nic: [], vport: [] },
  vxlanPorts: [4790],
  tableSlots: 16,
  ringBytes: 8192,
  maxPoints: 10,
  pathTimeoutMillis: 2,
  lingerMillis: 5_000_000 / 1000,
  searchBytes: 777,
  connectionSlots: 5,
  connectionIdleMillis: 7,
  headerBuffers: 9,
  responses: true,
  contexts: ['sw8', 'traceparent'],
  traceState: true,
});

describe('createProbeSpec', () => {
  it('sizes the maps by options and machine', () => {
    const spec = createProbeSpec(options, { possibleCpus: 3, pageSize: 4096, netns: 1 }, object);
    assert.deepEqual(spec.maxEntries, {
      points: 10,
      counters: 30,
      hop_table: 4,
      tunnel_table: 4,
      connection_tags: 2,
      connections: 8,
      header_buffers: 16,
      flights: 2,
      rings: 3,
    });
    assert.equal(spec.ringBytes, 8192);
  });

  it('makes a ring at least a page', () => {
    const spec = createProbeSpec(options, { possibleCpus: 1, pageSize: 65_536, netns: 1 }, object);
    assert.equal(spec.ringBytes, 65_536);
  });

  it('writes the configuration the programs read', () => {
    const { config } = createProbeSpec(
      options,
      { possibleCpus: 3, pageSize: 4096, netns: 1, seed: 0x1234_5678_9abc_def0n },
      object,
    );
    const view = new DataView(config.buffer);
    assert.equal(config.length, PROBE_CONFIG.size);
    assert.equal(view.getBigUint64(PROBE_CONFIG.path_timeout_ns, true), 2_000_000n);
    assert.equal(view.getBigUint64(PROBE_CONFIG.linger_ns, true), 5_000_000_000n);
    assert.equal(view.getUint32(PROBE_CONFIG.search_bytes, true), 777);
    assert.equal(view.getUint32(PROBE_CONFIG.table_sets, true), 4);
    assert.equal(view.getUint32(PROBE_CONFIG.max_points, true), 10);
    assert.equal(view.getUint32(PROBE_CONFIG.cpus, true), 3);
    assert.equal(view.getUint32(PROBE_CONFIG.wakeup_bytes, true), 2048);
    assert.equal(view.getUint32(PROBE_CONFIG.connection_sets, true), 2);
    assert.equal(view.getUint32(PROBE_CONFIG.header_sets, true), 2);
    assert.equal(view.getBigUint64(PROBE_CONFIG.connection_idle_ns, true), 7_000_000n);
    assert.equal(view.getBigUint64(PROBE_CONFIG.seed, true), 0x1234_5678_9abc_def0n);
    assert.equal(view.getUint32(PROBE_CONFIG.responses, true), 1);
    assert.equal(view.getUint32(PROBE_CONFIG.trace_state, true), 1);
    assert.deepEqual(
      [0, 1, 2].map((i) => view.getUint8(PROBE_CONFIG.contexts + i)),
      [FORMAT_SW8, FORMAT_TRACEPARENT, 0],
    );
    const ports = [0, 2, 4, 6].map((at) => view.getUint16(PROBE_CONFIG.vxlan_ports + at, true));
    assert.deepEqual(ports, [4790, 0, 0, 0]);
    assert.equal(view.getUint32(PROBE_CONFIG.netns, true), 1);
    assert.equal(view.getUint32(PROBE_CONFIG.lost_messages, true), 1);
  });

  it('seeds the hash over connections anew each time', () => {
    const seedOf = () => {
      const { config } = createProbeSpec(options, { possibleCpus: 1, pageSize: 4096, netns: 1 }, object);
      return new DataView(config.buffer).getBigUint64(PROBE_CONFIG.seed, true);
    };
    assert.notEqual(seedOf(), seedOf());
  });
});
