// SPDX-License-Identifier: Apache-2.0
import { networkInterfaces } from 'node:os';
import type {
  AttachedInterface,
  CapabilityName,
  HopProbeOptions,
  HostNetwork,
  InterfaceOptions,
  NetworkInterface,
  PointCounters,
  SystemCheck,
  WantedInterfaces,
} from '@hopspan/bpf-probe';
import { type Clock, createClock, type HopReceiver, type PointRole } from '@hopspan/core';

/** What the agent uses of HopProbe. */
export interface Probe extends HopReceiver {
  pointCounters(): readonly PointCounters[];
  attached(): readonly AttachedInterface[];
  setInterfaces(interfaces: InterfaceOptions): Promise<void>;
  table(): {
    readonly live: number;
    readonly held: number;
    readonly suspected: number;
    readonly capacity: number;
  };
}

/** What the agent asks of the kernel, as one seam for tests. */
export interface Platform {
  createProbe(options: HopProbeOptions): Probe;
  /** Dates the hops. */
  createClock(): Clock;
  /** Devices, routes and neighbours of this network namespace. */
  readonly network: HostNetwork;
  /** The addresses of this machine by device. */
  getAddresses(): Readonly<Record<string, readonly string[]>>;
  /** The role of each device that is wanted, by index. */
  assignRoles(
    wanted: WantedInterfaces,
    existing: readonly NetworkInterface[],
  ): ReadonlyMap<number, PointRole>;
  checkSystem(): readonly SystemCheck[];
  /** Takes all others away from every thread, for good. Resolves with the names of those that are left. */
  dropCapabilities(keep: readonly CapabilityName[]): Promise<readonly string[]>;
  /** What each counter of the kernel programs counts. */
  readonly counterTexts: Readonly<Record<string, string>>;
}

/** The kernel this runs on. Loads the native addon, which is why commands that do without it do not call this. */
export async function loadPlatform(): Promise<Platform> {
  const {
    assignRoles,
    checkSystem,
    dropCapabilities,
    HopProbe,
    nativeClockSource,
    openHostNetwork,
    PROBE_COUNTER_TEXTS,
  } = await import('@hopspan/bpf-probe');
  return {
    createProbe: (options) => new HopProbe(options),
    createClock: () => createClock({ source: nativeClockSource }),
    network: openHostNetwork(),
    getAddresses,
    assignRoles,
    checkSystem,
    dropCapabilities,
    counterTexts: PROBE_COUNTER_TEXTS,
  };
}

function getAddresses(): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(networkInterfaces()).map(([name, list]) => [
      name,
      (list ?? []).map(({ address }) => address),
    ]),
  );
}
