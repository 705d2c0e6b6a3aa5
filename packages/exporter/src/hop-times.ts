// SPDX-License-Identifier: Apache-2.0
import { type Hop, type Sighting, toHrTime } from '@hopspan/core';
import type { HrTime } from '@opentelemetry/api';

const NS_PER_S = 1_000_000_000;

/** What has a beginning in kernel time, an offset that dates it, and a length: a hop, or what is measured like one. */
export interface Timed extends Pick<Hop, 'durationNs' | 'clockOffsetNs'> {
  readonly from: Pick<Sighting, 'monotonicNs'>;
}

/** Start, end and duration of a hop, exact to the nanosecond: end − start is the duration. */
export interface HopTimes {
  readonly start: HrTime;
  readonly end: HrTime;
  readonly duration: HrTime;
}

/** Dates a hop by its own clock offset; the duration is the difference of the two kernel times. */
export function hopTimes(hop: Timed): HopTimes {
  const start = toHrTime(hop.from.monotonicNs, hop.clockOffsetNs);
  const seconds = Math.floor(hop.durationNs / NS_PER_S);
  const duration: HrTime = [seconds, hop.durationNs - seconds * NS_PER_S];
  const nanos = start[1] + duration[1];
  const carry = nanos >= NS_PER_S ? 1 : 0;
  return { start, end: [start[0] + seconds + carry, nanos - carry * NS_PER_S], duration };
}
