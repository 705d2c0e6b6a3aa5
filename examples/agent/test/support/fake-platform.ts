// SPDX-License-Identifier: Apache-2.0
import { assignRoles, type InterfaceOptions } from '@hopspan/bpf-probe';
import { type Counters, createClock, type Hop, type HopReceiver } from '@hopspan/core';
import type { Platform, Probe } from '../../src/platform.ts';
import { makeHop, nic, vport } from './make-hop.ts';

type Sink = Parameters<HopReceiver['start']>[0];

/** A probe without a kernel: it delivers `hops` once, as soon as it is started. */
export class TestProbe implements Probe {
  readonly #hops: readonly Hop[];
  /** What it was told to watch, in turn. */
  readonly interfaces: InterfaceOptions[] = [];
  stopped = false;

  constructor(hops: readonly Hop[]) {
    this.#hops = hops;
  }

  async start(sink: Sink): Promise<void> {
    sink.onHops(this.#hops);
  }
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
  async shutdown(): Promise<void> {
    this.stopped = true;
  }
  counters(): Counters {
    return { records_read: this.#hops.length };
  }
  pointCounters() {
    const counters = { sightings: this.#hops.length } as ReturnType<
      Probe['pointCounters']
    >[number]['counters'];
    return [nic, vport].map((point) => ({ point, counters }));
  }
  async setInterfaces(interfaces: InterfaceOptions): Promise<void> {
    this.interfaces.push(interfaces);
  }
  attached() {
    return [nic, vport].map(({ ifname, ifindex, role }) => ({
      ifname,
      ifindex,
      role,
      mechanism: 'tcx' as const,
    }));
  }
  table() {
    return { live: 0, held: 0, suspected: 0, capacity: 8192 };
  }
}

/** A network namespace with these devices, and a default route by one of them. */
export function createTestNetwork(names: readonly string[], defaultDevice?: string): Platform['network'] {
  const links = names.map((name, index) => {
    const [ifname = '', kind] = name.split(':');
    return { ifindex: index + 1, ifname, hardwareType: 1, ...(kind === undefined ? {} : { kind }) };
  });
  const route = links.find(({ ifname }) => ifname === defaultDevice);
  return {
    links: () => links,
    routes: () =>
      route === undefined
        ? []
        : [{ family: 4, prefixLength: 0, ifindex: route.ifindex, table: 254, metric: 0 }],
    neighbours: () => [],
    forwarding: () => [],
    namespaceId: () => undefined,
  };
}

/** A machine with the devices eth0 and veth1, whose probe sees `hops` requests. */
export function createTestPlatform({
  hops = 0,
  ...overrides
}: Partial<Platform> & { hops?: number } = {}): Platform {
  return {
    createProbe: () => new TestProbe(Array.from({ length: hops }, (_, index) => makeHop(index * 1000, 500))),
    createClock: () => createClock(),
    network: createTestNetwork(['lo', 'eth0', 'veth1'], 'eth0'),
    getAddresses: () => ({}),
    assignRoles,
    counterTexts: { sightings: 'valid sampled contexts seen' },
    checkSystem: () => [{ name: 'kernel', ok: true, required: true, detail: 'pretended' }],
    dropCapabilities: async () => [],
    ...overrides,
  };
}
