// SPDX-License-Identifier: Apache-2.0
import type { HopProbeOptions } from '@hopspan/bpf-probe';
import type { EbpfHopsConfig } from './config/schema.ts';
import type { Devices } from './devices.ts';

/** The probe's options from the receiver's configuration and from what that means here. */
export function toProbeOptions(
  config: EbpfHopsConfig,
  { nic, vport }: Pick<Devices, 'nic' | 'vport'>,
): HopProbeOptions {
  return {
    interfaces: { nic: [...nic], vport: [...vport] },
    points: config.points,
    attach: config.attach,
    searchBytes: config.search_bytes,
    contexts: config.contexts,
    traceState: config.trace_state,
    responses: config.responses,
    vxlanPorts: config.vxlan_ports,
    tableSlots: config.table_slots,
    connectionSlots: config.connection_slots,
    headerBuffers: config.header_buffers,
    ringBytes: config.ring_bytes,
    pathTimeoutMillis: config.path_timeout,
    maxSourceRate: config.max_source_rate,
    maxCpuRate: config.max_cpu_rate,
    lostMessages: config.lost_messages,
    loadAhead: true,
    pollIntervalMillis: config.poll_interval,
  };
}
