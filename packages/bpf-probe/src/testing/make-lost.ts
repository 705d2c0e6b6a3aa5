// SPDX-License-Identifier: Apache-2.0
import type { LostMessage } from '@hopspan/core';
import { makeHop } from './make-hop.ts';

/** A request that a rule on its node dropped 3 µs after the vport, unless told otherwise. */
export function makeLost(overrides: Partial<LostMessage> = {}): LostMessage {
  const { kind, context, from, clockOffsetNs, streamPosition } = makeHop();
  return {
    kind,
    context,
    from,
    durationNs: 3000,
    clockOffsetNs,
    streamPosition,
    retransmission: 0,
    copies: 1,
    evidence: 'drop',
    drop: { reason: 'NETFILTER_DROP', ifname: from.point.ifname },
    ...overrides,
  };
}
