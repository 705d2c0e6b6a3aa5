// SPDX-License-Identifier: Apache-2.0
import type { ClockSource } from '@hopspan/core';
import { loadNative } from './native.ts';

/** Both clocks at nanosecond resolution, read by clock_gettime(2): what the kernel stamps packets with, and wall time. */
export const nativeClockSource: ClockSource = {
  monotonicNs: () => loadNative().monotonicNs(),
  realtimeNs: () => loadNative().realtimeNs(),
};
