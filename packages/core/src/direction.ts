// SPDX-License-Identifier: Apache-2.0
import type { Hop, HopDirection, Sighting, TracingPoint } from './hop.ts';

/** The direction of a hop, which follows from the roles of the two points alone. */
export function directionOf(from: Pick<TracingPoint, 'role'>, to: Pick<TracingPoint, 'role'>): HopDirection {
  if (from.role === 'vport') return to.role === 'nic' ? 'transmit' : 'local';
  return to.role === 'vport' ? 'receive' : 'forward';
}

/** The end of a hop that faces the pod: the vport of transmit and receive, where a local hop begins. */
export function podEnd(hop: Pick<Hop, 'direction' | 'from' | 'to'>): Sighting {
  return hop.direction === 'receive' ? hop.to : hop.from;
}
