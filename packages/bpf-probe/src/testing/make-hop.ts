// SPDX-License-Identifier: Apache-2.0
import { directionOf, type Hop, type Sighting, type TracingPoint } from '@hopspan/core';

/** What may be set on a made hop; anything else has a plausible value. */
export type HopOverrides = Partial<Omit<Hop, 'from' | 'to' | 'context'>> & {
  readonly from?: Partial<Sighting>;
  readonly to?: Partial<Sighting>;
  readonly context?: Partial<Hop['context']>;
};

const VPORT: TracingPoint = { index: 1, ifindex: 7, ifname: 'veth0', role: 'vport', hook: 'ingress' };
const NIC: TracingPoint = { index: 4, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'egress' };

const AT_VPORT: Sighting = {
  point: VPORT,
  monotonicNs: 1_000_000_000n,
  networkType: 'ipv4',
  source: { address: '10.244.1.2', port: 40_000 },
  destination: { address: '10.244.2.3', port: 8080 },
};

const AT_NIC: Sighting = {
  ...AT_VPORT,
  point: NIC,
  monotonicNs: 1_000_012_000n,
  tunnel: { type: 'vxlan', id: 1, sourceAddress: '192.168.0.1', destinationAddress: '192.168.0.2' },
};

/**
 * A request on its way from a pod to another node, 12 µs from vport to NIC, unless told otherwise. The
 * duration and the direction follow from the two ends when they are not given.
 */
export function makeHop(overrides: HopOverrides = {}): Hop {
  const from: Sighting = { ...AT_VPORT, ...overrides.from };
  const to: Sighting = { ...AT_NIC, ...overrides.to };
  const context = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    ...overrides.context,
  };
  return {
    kind: 'request',
    direction: directionOf(from.point, to.point),
    durationNs: Number(to.monotonicNs - from.monotonicNs),
    clockOffsetNs: 1_700_000_000_000_000_000n,
    streamPosition: 100,
    retransmission: 0,
    ...overrides,
    context,
    from,
    to,
  };
}
