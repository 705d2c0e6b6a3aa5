// SPDX-License-Identifier: Apache-2.0
import type { HostLink, HostNetwork } from './network.ts';

/**
 * The node's network at one moment. A list is read when it is first asked for, and once: what a strategy does not
 * need costs nothing, and a thousand pods cost what one does.
 */
export class NetworkSnapshot {
  readonly #network: HostNetwork;
  readonly #links: ReadonlyMap<number, HostLink>;
  #byName: ReadonlyMap<string, HostLink> | undefined;
  #byNamespace: ReadonlyMap<number, readonly HostLink[]> | undefined;
  #hostRoutes: ReadonlyMap<string, HostLink> | undefined;
  #neighbours: ReadonlyMap<string, string> | undefined;
  #ports: ReadonlyMap<string, HostLink> | undefined;

  constructor(network: HostNetwork) {
    this.#network = network;
    this.#links = new Map(network.links().map((link) => [link.ifindex, link]));
  }

  link(ifindex: number): HostLink | undefined {
    return this.#links.get(ifindex);
  }

  linkNamed(ifname: string): HostLink | undefined {
    this.#byName ??= new Map([...this.#links.values()].map((link) => [link.ifname, link]));
    return this.#byName.get(ifname);
  }

  /** The devices whose other end is in that namespace. */
  linksTo(namespaceId: number): readonly HostLink[] {
    this.#byNamespace ??= Map.groupBy(
      [...this.#links.values()].filter(({ linkNamespace }) => linkNamespace !== undefined),
      ({ linkNamespace }) => linkNamespace as number,
    );
    return this.#byNamespace.get(namespaceId) ?? [];
  }

  namespaceId(ref: Parameters<HostNetwork['namespaceId']>[0]): number | undefined {
    return this.#network.namespaceId(ref);
  }

  /** The device of the route to this one address. */
  hostRoute(address: string): HostLink | undefined {
    this.#hostRoutes ??= new Map(
      this.#network.routes().flatMap(({ family, destination, prefixLength, ifindex }) => {
        const link = this.#links.get(ifindex);
        const whole = prefixLength === (family === 4 ? 32 : 128);
        return whole && destination !== undefined && link !== undefined ? [[destination, link]] : [];
      }),
    );
    return this.#hostRoutes.get(address);
  }

  /** The port of a bridge behind which somebody answers to this address. */
  bridgePort(address: string): HostLink | undefined {
    this.#neighbours ??= new Map(
      this.#network
        .neighbours()
        .filter(({ ifindex }) => this.#links.get(ifindex)?.kind === 'bridge')
        .map((neighbour) => [neighbour.address, `${neighbour.ifindex} ${neighbour.mac}`]),
    );
    this.#ports ??= new Map(
      this.#network.forwarding().flatMap(({ mac, ifindex }) => {
        const port = this.#links.get(ifindex);
        return port?.master === undefined ? [] : [[`${port.master} ${mac}`, port]];
      }),
    );
    const key = this.#neighbours.get(address);
    return key === undefined ? undefined : this.#ports.get(key);
  }
}
