// SPDX-License-Identifier: Apache-2.0
// What the tools wrote in a network namespace where the real kube-proxy 1.34 had made its rules, for the Services below, in its
// modes iptables and nftables.
import { readFileSync } from 'node:fs';
import type { NatProgram } from '../../src/nat/rule.ts';
import { collectTranslations, type Translation } from '../../src/nat/translations.ts';

export function readFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/nat/${name}`, import.meta.url), 'utf8');
}

/** `address:port → backends (service)`, sorted; `*` is any address of this machine, and any port. */
export function describeAll(program: NatProgram): string[] {
  return collectTranslations(program).all.map(describeTranslation).toSorted();
}

export function describeTranslation({ address, port, backends, service }: Translation): string {
  const to = backends.map((each) => `${each.address}:${each.port ?? '*'}`).toSorted();
  const name = service === undefined ? '' : ` (${service.namespace}/${service.name})`;
  return `${address ?? '*'}:${port ?? '*'} → ${to.join(', ')}${name}`;
}

const reviews = '10.244.1.5:9081, 10.244.2.6:9081 (default/reviews)';

/** A Service with a port of the nodes and an external address, one with a single pod, and one of TCP and UDP. */
export const IPV4_SERVICES = [
  '10.96.0.10:53 → 10.244.1.9:53 (default/dns)',
  `10.96.0.20:9080 → ${reviews}`,
  '10.96.0.21:80 → 10.244.1.7:8080 (default/ratings)',
  `192.168.100.1:30080 → ${reviews}`,
  `203.0.113.7:9080 → ${reviews}`,
];
export const IPV6_SERVICES = ['fd00:10:96::20:80 → fd00:10:244::7:8080 (default/six)'];
