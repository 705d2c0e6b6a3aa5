// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { ServiceName } from '../index/endpoint-slice.ts';
import type { Backend, Destinations, NatProgram, NatRule } from './rule.ts';

/** Expressions of libnftables-json(5), as far as they are looked into. */
// biome-ignore lint/suspicious/noExplicitAny: a grammar of its own, checked where it is read
type Expression = any;

interface RawRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly expr?: readonly Expression[];
}

/** Verdict map or set, as pairs or as plain elements. */
type Elements = readonly Expression[];

/** kube-proxy's chains: `endpoint-2OCDJSZQ-shop/web/tcp/http__10.244.1.5/80`. */
const KUBE_CHAIN = /^[a-z]+-[A-Z2-7]{8}-([^/]+)\/([^/]+)\//;
const KUBE_TABLE = 'kube-proxy';

/** What an expression stands for: a field of the destination, something of no interest, or another protocol. */
type Field = 'address' | 'port' | 'protocol' | 'local' | 'other' | 'foreign';

/** Reads what `nft -j list ruleset` writes. @throws SyntaxError when it is not that */
export function parseNftJson(text: string): NatProgram {
  const { nftables } = JSON.parse(text) as { nftables?: readonly Expression[] };
  if (!Array.isArray(nftables)) throw new SyntaxError('expected a list "nftables", as nft -j writes it');
  const chains = new Map<string, NatRule[]>();
  const roots: string[] = [];
  const elements = new Map<string, Elements>();
  for (const { chain, set, map } of nftables) {
    const named = set ?? map;
    if (named !== undefined) elements.set(keyOf(named, named.name), named.elem ?? []);
    if (chain === undefined) continue;
    chains.set(keyOf(chain, chain.name), []);
    if (chain.type === 'nat' && (chain.hook === 'prerouting' || chain.hook === 'output'))
      roots.push(keyOf(chain, chain.name));
  }
  for (const { rule } of nftables) {
    if (rule === undefined) continue;
    chains.get(keyOf(rule, rule.chain))?.push(...new RuleReader(rule, elements).read());
  }
  return { chains, roots };
}

/** Names are unique within a table, tables within a family. */
function keyOf({ family, table }: Pick<RawRule, 'family' | 'table'>, name: string): string {
  return `${family} ${table} ${name}`;
}

/** One rule of nftables, which may be several of ours: one for each element of a map. */
class RuleReader {
  readonly #rule: RawRule;
  readonly #elements: ReadonlyMap<string, Elements>;
  #to: { addresses?: readonly string[]; local?: true; ports?: readonly number[] } = {};
  #unknown = false;
  #foreign = false;

  constructor(rule: RawRule, elements: ReadonlyMap<string, Elements>) {
    this.#rule = rule;
    this.#elements = elements;
  }

  read(): NatRule[] {
    const rules: NatRule[] = [];
    for (const expression of this.#rule.expr ?? []) {
      const { match, vmap, jump, goto, dnat, redirect, xt } = expression;
      // Written by iptables, in parts that nft cannot read: iptables-save tells them.
      if (xt !== undefined) return [];
      if (match !== undefined) this.#match(match);
      else if (vmap !== undefined) rules.push(...this.#vmap(vmap));
      else if (jump !== undefined || goto !== undefined) rules.push(this.#chain(jump ?? goto));
      else if (dnat !== undefined) rules.push(...this.#dnat(dnat));
      else if (redirect !== undefined) rules.push(this.#emit({}, { backends: [] }, true));
      if (this.#foreign) return [];
    }
    return rules;
  }

  #match({ op, left, right }: Expression): void {
    const field = fieldOf(left);
    if (field === 'other') return;
    if (field === 'foreign') this.#foreign = true;
    else if (op === '!=' && field !== 'address') this.#unknown = true;
    else if (op === '!=') return;
    else this.#narrow(field, right);
  }

  /** Takes in what a field is compared with. */
  #narrow(field: Field, right: Expression): void {
    const values = this.#values(right).map((value) => this.#destinations([field], value));
    const known = values.filter((value) => value !== undefined);
    if (known.length < values.length) {
      this.#unknown = true;
      return;
    }
    // An empty set leaves nothing.
    if (field === 'address') this.#to.addresses = known.flatMap((value) => value.addresses ?? []);
    if (field === 'port') this.#to.ports = known.flatMap((value) => value.ports ?? []);
    if (field === 'local') this.#to.local = true;
    if (field === 'protocol') this.#foreign ||= known.every(({ foreign }) => foreign);
  }

  /** One value for each field; undefined when one is a range, a prefix or the like. */
  #destinations(
    fields: readonly Field[],
    value: Expression,
  ): (Destinations & { foreign?: true }) | undefined {
    const parts = partsOf(value);
    let found: Destinations & { foreign?: true } = {};
    for (const [i, field] of fields.entries()) {
      const part = parts[i];
      if (field === 'address') {
        if (typeof part !== 'string' || isIP(part) === 0) return undefined;
        found = { ...found, addresses: [part] };
      } else if (field === 'port') {
        if (!Number.isInteger(part)) return undefined;
        found = { ...found, ports: [part] };
      } else if (field === 'protocol' && part !== 'tcp' && part !== 6) found = { ...found, foreign: true };
      else if (field === 'local') {
        if (part !== 'local') return undefined;
        found = { ...found, local: true };
      }
    }
    return found;
  }

  #vmap({ key, data }: Expression): NatRule[] {
    return this.#pairs(key, data).flatMap(([to, { jump, goto }]) => {
      if (to?.foreign) return [];
      return jump === undefined && goto === undefined ? [] : [this.#chain(jump ?? goto, to)];
    });
  }

  #chain({ target }: Expression, to: Destinations | undefined = {}): NatRule {
    return this.#emit(to, { chain: keyOf(this.#rule, target) });
  }

  /** To an address and perhaps a port, or to what a map has for a destination or by chance. */
  #dnat({ addr, port }: Expression): NatRule[] {
    const map = addr?.map;
    if (map === undefined) return [this.#translate({}, addr, port)];
    const pairs = this.#pairs(map.key, map.data);
    return pairs.flatMap(([to, value]) => {
      if (to?.foreign) return [];
      const [address, mapped] = partsOf(value);
      return [this.#translate(to, address, mapped ?? port)];
    });
  }

  #translate(to: Destinations | undefined, address: Expression, port: Expression): NatRule {
    const backend = toBackend(address, port);
    if (to === undefined || backend === undefined) return this.#emit({}, { backends: [] }, true);
    return this.#emit(to, { backends: [backend] });
  }

  /** The elements of a map with what their keys say of the destination: nothing, where the key is chance. */
  #pairs(key: Expression, data: Expression): [(Destinations & { foreign?: true }) | undefined, Expression][] {
    const fields = partsOf(key).map(fieldOf);
    return this.#values(data).map(([element, value]: Expression) => [
      this.#destinations(fields, unwrap(element)),
      value,
    ]);
  }

  /** A single value, a set in place, or one by name. */
  #values(right: Expression): Expression[] {
    if (typeof right === 'string' && right.startsWith('@'))
      return (this.#elements.get(keyOf(this.#rule, right.slice(1))) ?? []).map(unwrap);
    return Array.isArray(right?.set) ? right.set.map(unwrap) : [right];
  }

  #emit(to: Destinations, verdict: NatRule['verdict'], unknown = false): NatRule {
    const { foreign: _, ...more } = to as Destinations & { foreign?: true };
    return {
      to: { ...this.#to, ...more },
      verdict,
      service: this.#service(),
      ...(unknown || this.#unknown ? { unknown: true } : {}),
    };
  }

  #service(): ServiceName | undefined {
    if (this.#rule.table !== KUBE_TABLE) return undefined;
    const [, namespace, name] = KUBE_CHAIN.exec(this.#rule.chain) ?? [];
    return namespace === undefined || name === undefined ? undefined : { namespace, name };
  }
}

/** Elements with a comment, a counter or a time-out are wrapped. */
function unwrap(element: Expression): Expression {
  return element?.elem?.val ?? element;
}

/** A concatenation, or a single value; strings have a `concat`, too. */
function partsOf(value: Expression): Expression[] {
  return Array.isArray(value?.concat) ? value.concat : [value];
}

function fieldOf({ payload, meta, fib }: Expression): Field {
  const name = payload === undefined ? `meta ${meta?.key}` : `${payload.protocol} ${payload.field}`;
  if (fib !== undefined) return fib.result === 'type' && fib.flags?.includes('daddr') ? 'local' : 'other';
  return FIELDS[name] ?? 'other';
}

const FIELDS: Readonly<Record<string, Field>> = {
  'ip daddr': 'address',
  'ip6 daddr': 'address',
  'tcp dport': 'port',
  'th dport': 'port',
  'udp dport': 'foreign',
  'sctp dport': 'foreign',
  'dccp dport': 'foreign',
  'meta l4proto': 'protocol',
  'ip protocol': 'protocol',
  'ip6 nexthdr': 'protocol',
};

function toBackend(address: Expression, port: Expression): Backend | undefined {
  if (typeof address !== 'string' || isIP(address) === 0) return undefined;
  if (port === undefined) return { address };
  return Number.isInteger(port) ? { address, port } : undefined;
}
