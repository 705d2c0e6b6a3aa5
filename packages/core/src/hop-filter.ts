// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net';
import { checkInteger, invalidOption } from './check-option.ts';
import type { HopProcessor } from './component.ts';
import type { Endpoint, Hop, Sighting } from './hop.ts';
import type { LostMessage } from './lost-message.ts';

/** Which ends of a connection are meant: those that fit every key that is given. */
export interface EndpointSelector {
  /** Addresses and networks: `10.244.1.5`, `10.244.0.0/16`, `fd00:10::/64`. */
  readonly addresses?: readonly string[];
  /** TCP ports. */
  readonly ports?: readonly number[];
}

/** Options of HopFilter. */
export interface HopFilterOptions {
  /** Only hops with an end that fits are kept. Default: all. */
  readonly include?: EndpointSelector;
  /** Hops with an end that fits are dropped, included or not. Default: none. */
  readonly exclude?: EndpointSelector;
}

type Predicate = (end: Endpoint) => boolean;

/** So many addresses are remembered; then all are forgotten. */
const REMEMBERED_MAX = 4096;

/**
 * Keeps the hops of certain addresses and ports. Both ends count, source and destination, before and behind a
 * translation of addresses: so a response has the same fate as its request.
 */
export class HopFilter implements HopProcessor {
  readonly #counters = { hops: 0, hops_filtered: 0, lost: 0, lost_filtered: 0 };
  #includes: Predicate | undefined;
  #excludes: Predicate | undefined;

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor(options: HopFilterOptions) {
    this.configure(options);
  }

  /** Means others from now on. @throws HopspanError HOPSPAN_ERR_INVALID_OPTION, and then nothing has changed */
  configure({ include, exclude }: HopFilterOptions): void {
    const includes = include && toPredicate('include', include);
    const excludes = exclude && toPredicate('exclude', exclude);
    this.#includes = includes;
    this.#excludes = excludes;
  }

  process(hops: readonly Hop[]): readonly Hop[] {
    const kept = hops.filter(({ from, to }) => this.#keeps([from, to]));
    this.#counters.hops += hops.length;
    this.#counters.hops_filtered += hops.length - kept.length;
    return kept;
  }

  processLost(lost: readonly LostMessage[]): readonly LostMessage[] {
    const kept = lost.filter(({ from }) => this.#keeps([from]));
    this.#counters.lost += lost.length;
    this.#counters.lost_filtered += lost.length - kept.length;
    return kept;
  }

  counters() {
    return { ...this.#counters };
  }

  async forceFlush(): Promise<void> {
    // Nothing is held back.
  }

  async shutdown(): Promise<void> {
    // Nothing is open.
  }

  #keeps(sightings: readonly Sighting[]): boolean {
    const fits = (predicate: Predicate): boolean =>
      sightings.some(({ source, destination }) => predicate(source) || predicate(destination));
    if (this.#excludes !== undefined && fits(this.#excludes)) return false;
    return this.#includes === undefined || fits(this.#includes);
  }
}

function toPredicate(option: string, { addresses, ports }: EndpointSelector): Predicate {
  const hasAddress = addresses && addressPredicate(`${option}.addresses`, addresses);
  const known = ports && new Set(ports.map((port) => checkPort(`${option}.ports`, port)));
  if (hasAddress === undefined && known === undefined)
    throw invalidOption('HopFilter', option, '{}', 'addresses, ports, or both');
  return ({ address, port }) => known?.has(port) !== false && hasAddress?.(address) !== false;
}

function checkPort(option: string, port: number): number {
  return checkInteger('HopFilter', option, port, { min: 1, max: 65_535 });
}

/** A look-up takes microseconds, and the same addresses come again and again. */
function addressPredicate(option: string, networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, option, network);
  const remembered = new Map<string, boolean>();
  return (address) => {
    const before = remembered.get(address);
    if (before !== undefined) return before;
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    const found = list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
    remembered.set(address, found);
    return found;
  };
}

function addNetwork(list: BlockList, option: string, text: string): void {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  if (version === 0 || prefix > bits)
    throw invalidOption('HopFilter', option, text, 'an address or a network such as 10.244.0.0/16');
  list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
}
