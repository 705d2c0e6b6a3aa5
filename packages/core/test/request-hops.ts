// SPDX-License-Identifier: Apache-2.0
import { directionOf } from '../src/direction.ts';
import type { Hook, Hop, PointRole, Sighting } from '../src/hop.ts';
import { makeHop } from './make-hop.ts';

/** A role and a hook, as `vport<` for the ingress of a vport and `nic>` for the egress of a NIC. */
export type At = `${PointRole}${'<' | '>'}`;

/** What may be set on a made hop. */
export type Overrides = Partial<Omit<Hop, 'from' | 'to'>>;

/** Position of the request that is made when none is given. */
export const REQUEST = 100;

function sightingAt(at: At, monotonicNs: number): Sighting {
  const role = at.slice(0, -1) as PointRole;
  const hook: Hook = at.endsWith('<') ? 'ingress' : 'egress';
  const { from } = makeHop();
  return { ...from, monotonicNs: BigInt(monotonicNs), point: { ...from.point, role, hook } };
}

/** A hop between two points at two kernel times. */
export function hopBetween(from: [At, number], to: [At, number], overrides: Overrides = {}): Hop {
  const ends = { from: sightingAt(...from), to: sightingAt(...to) };
  return {
    ...makeHop(REQUEST),
    direction: directionOf(ends.from.point, ends.to.point),
    durationNs: to[1] - from[1],
    ...ends,
    ...overrides,
  };
}

/** A response to the request at REQUEST, where nothing else is given. */
export function responseBetween(from: [At, number], to: [At, number], overrides: Overrides = {}): Hop {
  return hopBetween(from, to, {
    kind: 'response',
    streamPosition: 7000,
    requestPosition: REQUEST,
    statusCode: 200,
    ...overrides,
  });
}
