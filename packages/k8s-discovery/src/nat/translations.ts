// SPDX-License-Identifier: Apache-2.0
import { canonicalAddress } from '../index/address-text.ts';
import type { ServiceName } from '../index/endpoint-slice.ts';
import type { Backend, Destinations, NatProgram, NatRule } from './rule.ts';

/** A virtual destination and where it leads. */
export interface Translation {
  /** In RFC 5952 for IPv6; absent: any address of this machine. */
  readonly address?: string;
  /** Absent: any port. */
  readonly port?: number;
  readonly backends: readonly Backend[];
  /** The Service that it is for, where the rules say so. */
  readonly service?: ServiceName;
}

/** What the rules of a program come to. */
export interface Translations {
  readonly all: readonly Translation[];
  /** Rules that translate a destination, or may lead to one that does, in a way that is not understood. */
  readonly unknownRules: number;
  /** Whether there was more than is looked at. */
  readonly truncated: boolean;
}

/** kube-proxy's chains are five deep; a ruleset of 10,000 Services with ten ports has some 200,000 steps. */
const MAX_DEPTH = 16;
const MAX_STEPS = 2_000_000;
const MAX_TRANSLATIONS = 262_144;

/** Follows the chains from where packets begin to each translation. */
export function collectTranslations(program: NatProgram): Translations {
  return new Collector(program).collect();
}

class Collector {
  readonly #program: NatProgram;
  readonly #found = new Map<string, { backends: Map<string, Backend> } & Omit<Translation, 'backends'>>();
  readonly #unknown = new Set<NatRule>();
  readonly #leads = new Map<string, boolean>();
  /** A chain that was entered for the same destinations leads to the same again. */
  readonly #entered = new Set<string>();
  #steps = 0;
  #truncated = false;

  constructor(program: NatProgram) {
    this.#program = program;
  }

  collect(): Translations {
    for (const root of this.#program.roots) this.#walk(root, {}, 0);
    const all = [...this.#found.values()].map((each) => ({ ...each, backends: [...each.backends.values()] }));
    return { all, unknownRules: this.#unknown.size, truncated: this.#truncated };
  }

  #walk(chain: string, to: Destinations, depth: number): void {
    const key = `${chain}|${to.addresses}|${to.local}|${to.ports}`;
    if (this.#entered.has(key)) return;
    this.#entered.add(key);
    for (const rule of this.#program.chains.get(chain) ?? []) {
      this.#steps += 1;
      if (this.#steps > MAX_STEPS || depth > MAX_DEPTH) {
        this.#truncated = true;
        return;
      }
      this.#follow(rule, to, depth);
    }
  }

  #follow(rule: NatRule, to: Destinations, depth: number): void {
    const { verdict } = rule;
    if ('chain' in verdict && !this.#translates(verdict.chain, depth)) return;
    const narrowed = intersect(to, rule.to);
    if (narrowed === undefined) return;
    if (rule.unknown) this.#unknown.add(rule);
    else if ('chain' in verdict) this.#walk(verdict.chain, narrowed, depth + 1);
    else this.#add(rule, narrowed, verdict.backends);
  }

  #add(rule: NatRule, { addresses, local, ports }: Destinations, backends: readonly Backend[]): void {
    // Whatever goes to this port, or anywhere: a proxy that nobody sees, not a virtual address.
    if (addresses === undefined && local === undefined) {
      this.#unknown.add(rule);
      return;
    }
    const each: readonly (number | undefined)[] = ports ?? [undefined];
    for (const address of addresses?.map(canonicalAddress) ?? [undefined])
      for (const port of each) this.#put({ address, port, service: rule.service }, backends);
  }

  #put({ address, port, service }: Omit<Translation, 'backends'>, backends: readonly Backend[]): void {
    const key = `${address}|${port}`;
    const known = this.#found.get(key);
    if (known === undefined && this.#found.size >= MAX_TRANSLATIONS) {
      this.#truncated = true;
      return;
    }
    const entry = known ?? { address, port, service, backends: new Map<string, Backend>() };
    this.#found.set(key, entry);
    for (const backend of backends) {
      const to = { address: canonicalAddress(backend.address), port: backend.port ?? port };
      entry.backends.set(`${to.address}|${to.port}`, to);
    }
  }

  /** Whether a chain, or one that it leads to, translates anything. */
  #translates(chain: string, depth: number): boolean {
    const known = this.#leads.get(chain);
    if (known !== undefined || depth > MAX_DEPTH) return known ?? false;
    this.#leads.set(chain, false);
    const found = (this.#program.chains.get(chain) ?? []).some(
      ({ verdict }) => 'backends' in verdict || this.#translates(verdict.chain, depth + 1),
    );
    this.#leads.set(chain, found);
    return found;
  }
}

/** Undefined when nothing is in both. An address that is named is taken for one of this machine where that is asked. */
function intersect(a: Destinations, b: Destinations): Destinations | undefined {
  const addresses = both(a.addresses, b.addresses);
  const ports = both(a.ports, b.ports);
  if (addresses?.length === 0 || ports?.length === 0) return undefined;
  return { addresses, ports, local: a.local ?? b.local };
}

function both<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((each) => b.includes(each));
}
