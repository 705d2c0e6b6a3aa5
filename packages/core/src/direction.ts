// SPDX-License-Identifier: Apache-2.0
import type { Hop, HopDirection, Sighting, TracingPoint } from './hop.ts';

type Point = Pick<TracingPoint, 'role' | 'hook'>;

/** Which way a packet goes: away from a pod, or towards one. */
type Way = 'out' | 'in';

/** The direction of a hop, which follows from the roles and hooks of the two points alone. */
export function directionOf(from: Point, to: Point): HopDirection {
  const last = wayAt(to, 'out', 'in');
  const first = wayAt(from, 'in', 'out') ?? last;
  if (first === 'out') return last === 'in' ? 'local' : 'transmit';
  if (first === 'in') return last === 'out' ? 'forward' : 'receive';
  return 'local';
}

/**
 * At the ends of a path the role decides. A tunnel or a bond lies towards the NIC, so its egress leads out; a bridge
 * may have pods on both sides, so the way there is that of the other point.
 */
function wayAt({ role, hook }: Point, atNic: Way, atVport: Way): Way | undefined {
  switch (role) {
    case 'nic':
      return atNic;
    case 'vport':
      return atVport;
    case 'bridge':
      return undefined;
    default:
      return hook === 'egress' ? 'out' : 'in';
  }
}

/** The end of a hop that faces the pod: the vport of transmit and receive, where a local hop begins. */
export function podEnd(hop: Pick<Hop, 'direction' | 'from' | 'to'>): Sighting {
  return hop.direction === 'receive' ? hop.to : hop.from;
}
