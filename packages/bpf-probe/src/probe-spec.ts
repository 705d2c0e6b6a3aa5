// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { endianness } from 'node:os';
import { CONTEXT_FORMATS } from './context-formats.ts';
import {
  CONNECTION_WAYS,
  FLIGHTS_LINE,
  HEADER_WAYS,
  HOP_WAYS,
  PROBE_CONFIG,
  VXLAN_PORTS_MAX,
} from './generated/abi.ts';
import type { ResolvedProbeOptions } from './options.ts';

/** The maps whose size the options and the machine decide. */
type SizedMap =
  | 'points'
  | 'counters'
  | 'hop_table'
  | 'tunnel_table'
  | 'connection_tags'
  | 'connections'
  | 'header_buffers'
  | 'flights'
  | 'rings';

/** What the machine decides. */
export interface Machine {
  readonly possibleCpus: number;
  /** Bytes. */
  readonly pageSize: number;
  /** Inode of the network namespace that the probe is in. */
  readonly netns: number;
  /** Seeds the hash over connections. Default: random. */
  readonly seed?: bigint;
}

/**
 * Everything that goes into the kernel, before anything has: the same options on the same machine give
 * the same spec, and making one needs no privilege.
 */
export interface ProbeSpec {
  /** The ELF file. */
  readonly object: Uint8Array;
  /** struct probe_config, in host byte order. */
  readonly config: Uint8Array;
  readonly maxEntries: Readonly<Record<SizedMap, number>>;
  readonly ringBytes: number;
  readonly tableSlots: number;
  readonly tableSets: number;
  readonly connectionSets: number;
  readonly maxPoints: number;
  readonly possibleCpus: number;
}

export function createProbeSpec(
  options: ResolvedProbeOptions,
  machine: Machine,
  object: Uint8Array,
): ProbeSpec {
  const tableSets = options.tableSlots / HOP_WAYS;
  const connectionSets = options.connectionSlots / CONNECTION_WAYS;
  const seed = machine.seed ?? randomBytes(8).readBigUInt64LE();
  const ringBytes = Math.max(options.ringBytes, machine.pageSize);
  const { maxPoints } = options;
  const { possibleCpus } = machine;
  return {
    object,
    config: encodeConfig(options, {
      tableSets,
      connectionSets,
      ringBytes,
      possibleCpus,
      seed,
      netns: machine.netns,
    }),
    maxEntries: {
      points: maxPoints,
      counters: possibleCpus * maxPoints,
      hop_table: tableSets,
      tunnel_table: tableSets,
      connection_tags: connectionSets,
      connections: options.connectionSlots,
      header_buffers: options.headerBuffers,
      flights: Math.max(1, options.tableSlots / FLIGHTS_LINE),
      rings: possibleCpus,
    },
    ringBytes,
    tableSlots: options.tableSlots,
    tableSets,
    connectionSets,
    maxPoints,
    possibleCpus,
  };
}

interface Derived extends Pick<ProbeSpec, 'tableSets' | 'connectionSets' | 'ringBytes' | 'possibleCpus'> {
  readonly seed: bigint;
  readonly netns: number;
}

function encodeConfig(options: ResolvedProbeOptions, derived: Derived): Uint8Array {
  const little = endianness() === 'LE';
  const config = new DataView(new ArrayBuffer(PROBE_CONFIG.size));
  const nanos = (millis: number): bigint => BigInt(millis) * 1_000_000n;
  config.setBigUint64(PROBE_CONFIG.path_timeout_ns, nanos(options.pathTimeoutMillis), little);
  config.setBigUint64(PROBE_CONFIG.linger_ns, nanos(options.lingerMillis), little);
  config.setUint32(PROBE_CONFIG.search_bytes, options.searchBytes, little);
  config.setUint32(PROBE_CONFIG.table_sets, derived.tableSets, little);
  config.setUint32(PROBE_CONFIG.max_points, options.maxPoints, little);
  config.setUint32(PROBE_CONFIG.cpus, derived.possibleCpus, little);
  config.setUint32(PROBE_CONFIG.wakeup_bytes, derived.ringBytes / 4, little);
  for (let i = 0; i < VXLAN_PORTS_MAX; i += 1) {
    config.setUint16(PROBE_CONFIG.vxlan_ports + 2 * i, options.vxlanPorts[i] ?? 0, little);
  }
  config.setUint32(PROBE_CONFIG.source_interval_ns, intervalOf(options.maxSourceRate), little);
  config.setUint32(PROBE_CONFIG.cpu_interval_ns, intervalOf(options.maxCpuRate), little);
  config.setUint32(PROBE_CONFIG.connection_sets, derived.connectionSets, little);
  config.setUint32(PROBE_CONFIG.header_sets, options.headerBuffers / HEADER_WAYS, little);
  config.setBigUint64(PROBE_CONFIG.connection_idle_ns, nanos(options.connectionIdleMillis), little);
  config.setBigUint64(PROBE_CONFIG.seed, derived.seed, little);
  config.setUint32(PROBE_CONFIG.responses, options.responses ? 1 : 0, little);
  config.setUint32(PROBE_CONFIG.lost_messages, options.lostMessages ? 1 : 0, little);
  config.setUint32(PROBE_CONFIG.netns, derived.netns, little);
  config.setUint32(PROBE_CONFIG.trace_state, options.traceState ? 1 : 0, little);
  options.contexts.forEach((name, i) => {
    config.setUint8(PROBE_CONFIG.contexts + i, CONTEXT_FORMATS[name]);
  });
  return new Uint8Array(config.buffer);
}

/** Nanoseconds between two events at this rate a second; 0 stays 0, which is no limit. */
function intervalOf(rate: number): number {
  return rate === 0 ? 0 : Math.round(1e9 / rate);
}
