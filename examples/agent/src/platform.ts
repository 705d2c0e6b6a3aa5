// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { HopProbeOptions, PointCounters, SystemCheck } from '@hopspan/bpf-probe';
import { type Clock, createClock, type HopReceiver } from '@hopspan/core';
import { findDefaultRouteDevice } from './net/default-route.ts';

/** What the agent uses of HopProbe. */
export interface Probe extends HopReceiver {
  pointCounters(): readonly PointCounters[];
  table(): { readonly live: number; readonly held: number; readonly capacity: number };
}

/** What the agent asks of the kernel, as one seam for tests. */
export interface Platform {
  createProbe(options: HopProbeOptions): Probe;
  /** Dates the hops. */
  createClock(): Clock;
  /** Names of the network devices. */
  listDevices(): readonly string[];
  /** Device of the default route, where there is one. */
  getDefaultRouteDevice(): string | undefined;
  checkSystem(): readonly SystemCheck[];
  /** What each counter of the kernel programs counts. */
  readonly counterTexts: Readonly<Record<string, string>>;
}

/** The kernel this runs on. Loads the native addon, which is why commands that do without it do not call this. */
export async function loadPlatform(): Promise<Platform> {
  const { HopProbe, checkSystem, listInterfaces, nativeClockSource, PROBE_COUNTER_TEXTS } = await import(
    '@hopspan/bpf-probe'
  );
  return {
    createProbe: (options) => new HopProbe(options),
    createClock: () => createClock({ source: nativeClockSource }),
    listDevices: () => listInterfaces().map(({ ifname }) => ifname),
    getDefaultRouteDevice: () =>
      findDefaultRouteDevice(readOrEmpty('/proc/net/route'), readOrEmpty('/proc/net/ipv6_route')),
    checkSystem,
    counterTexts: PROBE_COUNTER_TEXTS,
  };
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
