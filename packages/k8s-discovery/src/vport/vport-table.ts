// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import { findByBridgePort } from './bridge-port.ts';
import { findByCniName } from './cni-name.ts';
import { findByHostRoute } from './host-route.ts';
import { findByNamespace } from './namespace.ts';
import type { HostLink, HostNetwork } from './network.ts';
import { NetworkSnapshot } from './snapshot.ts';
import {
  NO_VPORT_REASONS,
  type NoVportReason,
  VPORT_STRATEGIES,
  type VportFinding,
  type VportResult,
  type VportStrategyName,
  type VportSubject,
} from './subject.ts';

/** One way to find a vport. */
export type VportStrategy = (subject: VportSubject, snapshot: NetworkSnapshot) => VportFinding;

/** The strategies, each of which knows of some pods. */
export const vportStrategies: Readonly<Record<VportStrategyName, VportStrategy>> = {
  host_route: findByHostRoute,
  cni_name: (subject, snapshot) => findByCniName(subject, snapshot),
  namespace: (subject, snapshot) => findByNamespace(subject, snapshot),
  bridge_port: findByBridgePort,
};

/** Options of VportTable. */
export interface VportTableOptions {
  readonly network: HostNetwork;
  /** In the order in which they are tried. Default: VPORT_STRATEGIES. */
  readonly strategies?: readonly VportStrategyName[];
}

/** So many devices that have gone are remembered, for hops that are still on their way. */
const PAST_MAX = 4096;

interface Entry {
  readonly subject: VportSubject;
  readonly result: VportResult;
}

/**
 * Which device is whose. A device belongs to one pod as long as it lives, since the kernel does not give an index out
 * twice before it has run through all of them: so unlike an address, it names the pod for certain.
 */
export class VportTable {
  readonly #options: Required<VportTableOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #owners = new Map<number, string>();
  /** Owners of devices that have gone, oldest first. */
  readonly #past = new Map<number, string>();
  readonly #counts: Record<string, number>;

  constructor(options: VportTableOptions) {
    this.#options = { strategies: VPORT_STRATEGIES, ...options };
    this.#counts = Object.fromEntries([
      ...VPORT_STRATEGIES.map((name) => [`vports_by_${name}`, 0] as const),
      ...NO_VPORT_REASONS.map((reason) => [`no_vport_${reason}`, 0] as const),
      ['vports_contradictory', 0] as const,
    ]);
  }

  /**
   * Looks for the vports of these, which are all there are, and forgets others. What was found stays as long as its
   * devices do; the rest is looked for again. Reads the list of devices, and others where a strategy needs them.
   */
  update(subjects: readonly VportSubject[]): void {
    const snapshot = new NetworkSnapshot(this.#options.network);
    const before = new Map(this.#entries);
    this.#entries.clear();
    this.#retire(snapshot);
    const open: VportSubject[] = [];
    for (const subject of subjects) {
      const old = before.get(subject.id);
      if (old !== undefined && stillHolds(old, subject, snapshot)) this.#enter(subject, old.result);
      else open.push(subject);
    }
    for (const subject of open) {
      const result = this.#find(subject, snapshot);
      this.#enter(subject, result);
      if (!isSame(before.get(subject.id)?.result, result)) this.#count(result);
    }
  }

  /** Id of the pod or container that is, or until its end was, at the other end of a device. */
  ownerOf(ifindex: number): string | undefined {
    return this.#owners.get(ifindex) ?? this.#past.get(ifindex);
  }

  /** What was found for a pod or container. */
  get(id: string): VportResult | undefined {
    return this.#entries.get(id)?.result;
  }

  /** The pods and containers without a vport, by reason: what is not measured, and why. */
  unwatched(): ReadonlyMap<NoVportReason, readonly VportSubject[]> {
    const without = [...this.#entries.values()].filter(({ result }) => 'reason' in result);
    const groups = Map.groupBy(without, ({ result }) => (result as { reason: NoVportReason }).reason);
    return new Map([...groups].map(([reason, list]) => [reason, list.map(({ subject }) => subject)]));
  }

  /** Names of the devices that were found. */
  devices(): string[] {
    return [...this.#entries.values()].flatMap(({ result }) =>
      'links' in result ? result.links.map(({ ifname }) => ifname) : [],
    );
  }

  counters(): Counters {
    return { ...this.#counts };
  }

  #retire(snapshot: NetworkSnapshot): void {
    for (const [ifindex, id] of this.#owners) {
      if (snapshot.link(ifindex) === undefined) this.#past.set(ifindex, id);
    }
    this.#owners.clear();
    for (const ifindex of this.#past.keys()) {
      if (this.#past.size <= PAST_MAX) break;
      this.#past.delete(ifindex);
    }
  }

  #find(subject: VportSubject, snapshot: NetworkSnapshot): VportResult {
    if (subject.hostNetwork === true) return { reason: 'host_network' };
    let why: NoVportReason | undefined;
    for (const strategy of this.#options.strategies) {
      const found = vportStrategies[strategy](subject, snapshot);
      if (typeof found === 'string') why ??= found;
      else if (found !== undefined) return { strategy, links: withSiblings(found, snapshot) };
    }
    return { reason: why ?? (subject.addresses.length === 0 ? 'no_address' : 'not_found') };
  }

  /** A device has one owner. Where two claim it, by a route that outlived its pod for example, neither gets it. */
  #enter(subject: VportSubject, result: VportResult): void {
    this.#entries.set(subject.id, { subject, result });
    for (const { ifindex } of 'links' in result ? result.links : []) {
      const other = this.#owners.get(ifindex);
      if (other === undefined) this.#owners.set(ifindex, subject.id);
      else this.#contradict(other, subject.id, ifindex);
    }
  }

  #contradict(one: string, other: string, ifindex: number): void {
    this.#owners.delete(ifindex);
    this.#counts.vports_contradictory = (this.#counts.vports_contradictory ?? 0) + 1;
    for (const id of [one, other]) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) this.#entries.set(id, { ...entry, result: { reason: 'not_found' } });
    }
  }

  #count(result: VportResult): void {
    const name = 'reason' in result ? `no_vport_${result.reason}` : `vports_by_${result.strategy}`;
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
  }
}

/** All interfaces of the pod: whatever else leads into the namespace that the devices lead to. */
function withSiblings(links: readonly HostLink[], snapshot: NetworkSnapshot): HostLink[] {
  const namespaces = new Set(links.flatMap(({ linkNamespace }) => linkNamespace ?? []));
  const siblings = [...namespaces].flatMap((id) => snapshot.linksTo(id));
  return [...new Set([...links, ...siblings.filter(({ kind }) => kind === 'veth')])];
}

/** Whether nothing has changed that the result was made of. */
function stillHolds({ subject, result }: Entry, now: VportSubject, snapshot: NetworkSnapshot): boolean {
  if (!('links' in result) || result.links.length === 0) return false;
  if (subject.addresses.join() !== now.addresses.join()) return false;
  return result.links.every(({ ifindex, ifname }) => snapshot.link(ifindex)?.ifname === ifname);
}

function isSame(one: VportResult | undefined, other: VportResult): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
