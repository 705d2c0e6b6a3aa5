// SPDX-License-Identifier: Apache-2.0
import type { Counters } from '@hopspan/core';
import { type AddressResolver, NatResolver, type NatTool, NatTranslations } from '@hopspan/k8s-discovery';
import type { K8sAttributesConfig } from '../config/processor-schemas.ts';

const TOOLS: readonly NatTool[] = ['nft', 'iptables', 'ip6tables'];

/** Names from the node's rules of address translation, where `nat` asks for them and the API has none. */
export class NatNames {
  /** Whom to ask for names: the resolver itself where nothing is configured. */
  readonly resolver: AddressResolver;
  readonly #translations: NatTranslations | undefined;
  readonly #counters: () => Counters;

  constructor({ nat, node }: Pick<K8sAttributesConfig, 'nat' | 'node'>, resolver: AddressResolver) {
    this.resolver = resolver;
    this.#counters = () => ({});
    if (nat === undefined) return;
    const sources = TOOLS.flatMap((tool) => (nat[tool] === undefined ? [] : { tool, ...nat[tool] }));
    const translations = new NatTranslations({ sources, intervalMillis: nat.interval });
    const named = new NatResolver({ resolver, nat: translations, nodeName: node });
    this.#translations = translations;
    this.resolver = named;
    this.#counters = () => ({ ...translations.counters(), ...named.counters() });
  }

  /** Resolves when the rules have been read once, whatever came of it. */
  async start(): Promise<void> {
    await this.#translations?.start();
  }

  counters(): Counters {
    return this.#counters();
  }

  async shutdown(): Promise<void> {
    await this.#translations?.shutdown();
  }
}
