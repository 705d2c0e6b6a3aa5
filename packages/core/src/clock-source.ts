// SPDX-License-Identifier: Apache-2.0

/** The two clocks a span's time is made from. */
export interface ClockSource {
  /** The clock that the kernel stamps packets with: CLOCK_MONOTONIC, nanoseconds. */
  monotonicNs(): bigint;
  /** Wall time: nanoseconds since 1970-01-01T00:00:00Z. */
  realtimeNs(): bigint;
  /** Granularity of `realtimeNs`. Default: 1 ns. */
  readonly realtimeResolutionNs?: bigint;
}

/**
 * Node's own clocks. Monotonic time is exact (process.hrtime is CLOCK_MONOTONIC on Linux); wall time
 * comes from Date and is coarse: whole milliseconds, cut off, so wall times are up to 1 ms early.
 * `nativeClockSource` of @hopspan/bpf-probe reads both at nanosecond resolution.
 */
export const processClockSource: ClockSource = {
  monotonicNs: () => process.hrtime.bigint(),
  realtimeNs: () => BigInt(Date.now()) * 1_000_000n,
  realtimeResolutionNs: 1_000_000n,
};
