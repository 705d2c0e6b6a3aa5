// SPDX-License-Identifier: Apache-2.0
import type {
  HostForwardingEntry,
  HostLink,
  HostNeighbour,
  HostNetwork,
  HostRoute,
} from '../../src/index.ts';

/** A node's network out of lists, which a test may change; it says how often each was read. */
export class FakeNetwork implements HostNetwork {
  linkList: HostLink[];
  routeList: HostRoute[] = [];
  neighbourList: HostNeighbour[] = [];
  forwardingList: HostForwardingEntry[] = [];
  /** Ids by process id or path. */
  namespaces = new Map<number | string, number>();
  reads = { links: 0, routes: 0, neighbours: 0, forwarding: 0, namespaceId: 0 };

  constructor(links: HostLink[]) {
    this.linkList = links;
  }

  links(): readonly HostLink[] {
    this.reads.links += 1;
    return this.linkList;
  }

  routes(): readonly HostRoute[] {
    this.reads.routes += 1;
    return this.routeList;
  }

  neighbours(): readonly HostNeighbour[] {
    this.reads.neighbours += 1;
    return this.neighbourList;
  }

  forwarding(): readonly HostForwardingEntry[] {
    this.reads.forwarding += 1;
    return this.forwardingList;
  }

  namespaceId(ref: { pid: number } | { path: string }): number | undefined {
    this.reads.namespaceId += 1;
    return this.namespaces.get('pid' in ref ? ref.pid : ref.path);
  }
}

export const veth = (ifindex: number, ifname: string, more: Partial<HostLink> = {}): HostLink => ({
  ifindex,
  ifname,
  kind: 'veth',
  ...more,
});

export const hostRoute = (destination: string, ifindex: number): HostRoute =>
  destination.includes(':')
    ? { family: 6, destination, prefixLength: 128, ifindex }
    : { family: 4, destination, prefixLength: 32, ifindex };
