// SPDX-License-Identifier: Apache-2.0
import type { ServiceName } from './endpoint-slice.ts';
import type { Node } from './node.ts';
import type { PodIdentity } from './pod.ts';

/**
 * That an address belonged, or may have belonged, to something for a time. The interval is an outer bound: within
 * it the holder may have held the address, outside of it certainly not. Where the intervals of two holders
 * overlap, it is not known which of them held it. Times are in milliseconds of CLOCK_MONOTONIC.
 */
export interface Claim {
  readonly from: number;
  /** Infinity while it lasts. */
  readonly to: number;
  /** Who says so: the pods themselves are believed before the slices, which others may write. */
  readonly source: 'pod' | 'slice' | 'service' | 'node';
  readonly pod?: PodIdentity;
  readonly node?: Node;
  readonly service?: ServiceName;
  /** Ports of the service or the endpoint, or of a pod on the host's network. Absent: any. */
  readonly ports?: readonly number[];
}

/** A claim before it has an interval. */
export type ClaimContent = Omit<Claim, 'from' | 'to'>;

/** Whether both are about the same thing, however much is known of it. */
export function sameHolder(a: ClaimContent, b: ClaimContent): boolean {
  return (
    a.source === b.source &&
    a.pod?.uid === b.pod?.uid &&
    a.node?.name === b.node?.name &&
    a.service?.name === b.service?.name &&
    a.service?.namespace === b.service?.namespace
  );
}
