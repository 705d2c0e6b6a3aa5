// SPDX-License-Identifier: Apache-2.0
import type { Hop } from '../src/hop.ts';

/** A receive hop of a request; `n` makes it different from others. */
export function makeHop(n = 0): Hop {
  const end = {
    networkType: 'ipv4',
    source: { address: '10.0.0.1', port: 1 },
    destination: { address: '10.0.0.2', port: 2 },
  } as const;
  return {
    kind: 'request',
    direction: 'receive',
    context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 },
    from: {
      ...end,
      monotonicNs: 1000n,
      point: { index: 1, ifindex: 2, ifname: 'eth0', role: 'nic', hook: 'ingress' },
    },
    to: {
      ...end,
      monotonicNs: 2000n,
      point: { index: 2, ifindex: 3, ifname: 'veth0', role: 'vport', hook: 'egress' },
    },
    durationNs: 1000,
    clockOffsetNs: 0n,
    streamPosition: n,
    retransmission: 0,
  };
}

export function makeHops(count: number, first = 0): Hop[] {
  return Array.from({ length: count }, (_, i) => makeHop(first + i));
}
