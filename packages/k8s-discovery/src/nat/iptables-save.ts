// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { ServiceName } from '../index/endpoint-slice.ts';
import type { Backend, NatProgram, NatRule } from './rule.ts';

const ROOTS = ['PREROUTING', 'OUTPUT'];
/** A word, or text in quotes with escapes. */
const TOKEN = /"((?:[^"\\]|\\.)*)"|(\S+)/g;
/** As kube-proxy writes them: `shop/web:http cluster IP`, `shop/web -> 10.244.1.5:80`, `shop/web:http`. */
const KUBE_COMMENT = /^([a-z0-9-]+)\/([a-z0-9.-]+)(?::[^\s:]*)?(?: |$)/;

/** A rule while its words are read. */
interface Draft {
  chain: string;
  addresses?: string[];
  local?: true;
  ports?: number[];
  comment?: string;
  target?: string;
  destination?: string;
  unknown?: true;
  /** About another protocol than TCP. */
  foreign?: true;
}

/** Reads what `iptables-save` and `ip6tables-save` write, of which only the table nat counts. */
export function parseIptablesSave(text: string): NatProgram {
  const chains = new Map<string, NatRule[]>();
  const drafts: Draft[] = [];
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    if (table !== 'nat') continue;
    if (line.startsWith(':')) chains.set(line.slice(1).split(' ', 1)[0] ?? '', []);
    else if (line.startsWith('-A ')) drafts.push(readRule(line));
  }
  for (const draft of drafts) {
    const rule = draft.foreign ? undefined : toRule(draft, chains);
    if (rule !== undefined) chains.get(draft.chain)?.push(rule);
  }
  return { chains, roots: ROOTS.filter((name) => chains.has(name)) };
}

function readRule(line: string): Draft {
  const draft: Draft = { chain: '' };
  const words = [...line.matchAll(TOKEN)].map(
    ([, quoted, word]) => quoted?.replace(/\\(.)/g, '$1') ?? word ?? '',
  );
  for (let i = 0; i < words.length; i += 1) {
    const negated = words[i] === '!';
    if (negated) i += 1;
    const take = READERS[words[i] ?? ''];
    if (take === undefined) continue;
    i += 1;
    take(draft, words[i] ?? '', negated);
  }
  return draft;
}

/** What is read of a rule; every other word narrows down whom it is for. */
const READERS: Readonly<Record<string, (draft: Draft, value: string, negated: boolean) => void>> = {
  '-A': (draft, value) => {
    draft.chain = value;
  },
  '-d': (draft, value, negated) => {
    const [address = '', length] = value.split('/');
    const isHost = length === undefined || length === (isIP(address) === 6 ? '128' : '32');
    if (negated) return;
    if (isHost) draft.addresses = [address];
    else draft.unknown = true;
  },
  '-p': (draft, value, negated) => {
    if (negated) draft.unknown = true;
    else if (!['tcp', '6', 'all'].includes(value)) draft.foreign = true;
  },
  '--dport': readPorts,
  '--dports': readPorts,
  '--dst-type': (draft, value, negated) => {
    if (value === 'LOCAL' && !negated) draft.local = true;
  },
  // `KUBE-CLUSTER-IP dst,dst`: whatever is in a set of the kernel.
  '--match-set': (draft) => {
    draft.unknown = true;
  },
  '--comment': (draft, value) => {
    draft.comment = value;
  },
  '-j': readTarget,
  '-g': readTarget,
  '--to-destination': (draft, value) => {
    draft.destination = value;
  },
};

function readPorts(draft: Draft, value: string, negated: boolean): void {
  const ports = value.split(',').map(Number);
  if (negated || !ports.every(Number.isInteger)) draft.unknown = true;
  else draft.ports = ports;
}

function readTarget(draft: Draft, value: string): void {
  draft.target = value;
}

/** Undefined for rules that translate no destination. */
function toRule(
  { chain, addresses, local, ports, comment, target = '', destination, unknown }: Draft,
  chains: ReadonlyMap<string, unknown>,
): NatRule | undefined {
  const to = { addresses, local, ports };
  if (chains.has(target)) return { to, verdict: { chain: target }, unknown };
  if (target === 'REDIRECT') return { to, verdict: { backends: [] }, unknown: true };
  if (target !== 'DNAT') return undefined;
  const backend = readBackend(destination ?? '');
  const verdict = { backends: backend === undefined ? [] : [backend] };
  return {
    to,
    verdict,
    service: readService(chain, comment),
    unknown: backend === undefined ? true : unknown,
  };
}

/** `10.1.1.1`, `10.1.1.1:80`, `[fd00::1]:80`; ranges are none of these. */
function readBackend(text: string): Backend | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const address = isIP(text) > 0 ? text : (six ?? four ?? '');
  if (isIP(address) === 0) return undefined;
  return port === undefined || address === text ? { address } : { address, port: Number(port) };
}

/** Of kube-proxy's own chains alone: elsewhere a comment is for people. */
function readService(chain: string, comment: string | undefined): ServiceName | undefined {
  if (!chain.startsWith('KUBE-')) return undefined;
  const [, namespace, name] = KUBE_COMMENT.exec(comment ?? '') ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
