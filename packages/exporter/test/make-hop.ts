// SPDX-License-Identifier: Apache-2.0
import type { Hop, LostMessage, Sighting } from '@hopspan/core';

const vport = { index: 1, ifindex: 7, ifname: 'veth1a2b', role: 'vport', hook: 'ingress' } as const;
const nic = { index: 2, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'egress' } as const;

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const PARENT_ID = '00f067aa0ba902b7';

/** What the vport of a transmit hop saw: inner addresses, no tunnel. */
export const vportSighting: Sighting = {
  point: vport,
  monotonicNs: 5_000_000_000n,
  networkType: 'ipv4',
  source: { address: '10.244.1.5', port: 40_000 },
  destination: { address: '10.96.0.10', port: 80 },
};

/** What the NIC saw of the same packet: translated and encapsulated. */
export const nicSighting: Sighting = {
  point: nic,
  monotonicNs: 5_000_012_345n,
  networkType: 'ipv4',
  source: { address: '10.244.1.5', port: 40_000 },
  destination: { address: '10.244.2.6', port: 8080 },
  tunnel: { type: 'vxlan', id: 42, sourceAddress: '192.168.0.1', destinationAddress: '192.168.0.2' },
};

/** A sampled transmit hop of a request, 12,345 ns long, that begins at 1,700,000,005.000000000 s. */
export function makeHop(overrides: Partial<Hop> = {}): Hop {
  return {
    kind: 'request',
    direction: 'transmit',
    context: { traceId: TRACE_ID, spanId: PARENT_ID, traceFlags: 1 },
    from: vportSighting,
    to: nicSighting,
    durationNs: 12_345,
    clockOffsetNs: 1_700_000_000_000_000_000n,
    streamPosition: 4_000_000_123,
    retransmission: 0,
    ...overrides,
  };
}

/** The same request, dropped by a rule of the node 5,000 ns after the vport; one copy of it was seen. */
export function makeLost(overrides: Partial<LostMessage> = {}): LostMessage {
  const { kind, context, from, clockOffsetNs, streamPosition } = makeHop();
  return {
    ...{ kind, context, from, clockOffsetNs, streamPosition },
    durationNs: 5000,
    retransmission: 0,
    copies: 1,
    evidence: 'drop',
    drop: { reason: 'NETFILTER_DROP', ifname: 'veth1a2b' },
    ...overrides,
  };
}
