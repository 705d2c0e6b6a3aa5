// SPDX-License-Identifier: Apache-2.0

/** Seconds since 1970 and nanoseconds within the second: the OpenTelemetry API's HrTime. */
export type HrTime = [seconds: number, nanos: number];

const NS_PER_S = 1_000_000_000n;

/**
 * Wall time of a kernel time stamp, exact to the nanosecond.
 * @param monotonicNs kernel time, nanoseconds
 * @param offsetNs from Clock.offsetNs; the sum must not be negative
 */
export function toHrTime(monotonicNs: bigint, offsetNs: bigint): HrTime {
  const wallNs = monotonicNs + offsetNs;
  const seconds = wallNs / NS_PER_S;
  return [Number(seconds), Number(wallNs - seconds * NS_PER_S)];
}
