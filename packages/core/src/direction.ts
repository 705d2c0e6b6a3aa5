// SPDX-License-Identifier: Apache-2.0
import type { HopDirection, TracingPoint } from './hop.ts';

/** The direction of a hop, which follows from the roles of the two points alone. */
export function directionOf(from: Pick<TracingPoint, 'role'>, to: Pick<TracingPoint, 'role'>): HopDirection {
  if (from.role === 'vport') return to.role === 'nic' ? 'transmit' : 'local';
  return to.role === 'vport' ? 'receive' : 'forward';
}
