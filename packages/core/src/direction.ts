// SPDX-License-Identifier: Apache-2.0
import type { Hop, HopDirection, Sighting, TracingPoint } from './hop.ts';

/** Which way a packet goes at a point: out of the pod or into it. */
type Way = 'out' | 'in';

/** The direction of a hop, which follows from the roles and hooks of the two points alone. */
export function directionOf(
  from: Pick<TracingPoint, 'role' | 'hook'>,
  to: Pick<TracingPoint, 'role' | 'hook'>,
): HopDirection {
  const arriving = wayAt(to);
  const leaving = wayAt(from) ?? arriving;
  if (leaving === 'out') return arriving === 'in' ? 'local' : 'transmit';
  if (leaving === 'in') return arriving === 'out' ? 'forward' : 'receive';
  return 'local';
}

/** A bridge has pods on one side or on both, so a packet's way there is that of the points around it. */
function wayAt({ role, hook }: Pick<TracingPoint, 'role' | 'hook'>): Way | undefined {
  if (role === 'bridge') return undefined;
  return (hook === 'ingress') === (role === 'vport') ? 'out' : 'in';
}

/** The end of a hop that faces the pod: the vport of transmit and receive, where a local hop begins. */
export function podEnd(hop: Pick<Hop, 'direction' | 'from' | 'to'>): Sighting {
  return hop.direction === 'receive' ? hop.to : hop.from;
}
