// SPDX-License-Identifier: Apache-2.0
import type { Hop, TracingPoint } from '@hopspan/core';

export const nic: TracingPoint = { index: 1, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'egress' };
export const vport: TracingPoint = { index: 2, ifindex: 3, ifname: 'veth1', role: 'vport', hook: 'ingress' };

/** A transmitted request of 10.0.0.1 to 10.0.0.2 that began `atNs` after the beginning and took `durationNs`. */
export function makeHop(atNs: number, durationNs: number, overrides: Partial<Hop> = {}): Hop {
  const ends = {
    networkType: 'ipv4',
    source: { address: '10.0.0.1', port: 40000 },
    destination: { address: '10.0.0.2', port: 80 },
  } as const;
  const from = 5_000_000_000n + BigInt(atNs);
  return {
    kind: 'request',
    direction: 'transmit',
    context: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 },
    from: { ...ends, point: vport, monotonicNs: from },
    to: { ...ends, point: nic, monotonicNs: from + BigInt(durationNs) },
    durationNs,
    clockOffsetNs: 1_700_000_000_000_000_000n,
    streamPosition: 1,
    retransmission: 0,
    ...overrides,
  };
}
