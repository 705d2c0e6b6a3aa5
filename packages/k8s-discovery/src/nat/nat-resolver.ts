// SPDX-License-Identifier: Apache-2.0
import type { AddressResolver } from '../hop-enrichment.ts';
import type { AddressHolder } from '../index/holder.ts';
import type { NatTable } from './nat-table.ts';

/** Options of NatResolver. */
export interface NatResolverOptions {
  /** Who is asked first: KubeDiscovery, for example. */
  readonly resolver: AddressResolver;
  readonly nat: { readonly table: NatTable };
  /** Of this node: the ports of its own addresses lead where its rules say. */
  readonly nodeName?: string;
}

/**
 * What the API does not know of an address the node's rules may: the Service of a virtual address or of a node's port, the
 * pod behind a single translation, the Service that leads to a pod. What the API does know stays as it is.
 */
export class NatResolver implements AddressResolver {
  readonly #options: NatResolverOptions;
  #named = 0;

  constructor(options: NatResolverOptions) {
    this.#options = options;
  }

  get live(): boolean {
    return this.#options.resolver.live;
  }

  resolve(address: string, port: number, atMillis: number, podUid?: string): AddressHolder {
    const known = this.#options.resolver.resolve(address, port, atMillis, podUid);
    const more = this.#more(known, address, port, atMillis);
    if (more !== undefined) this.#named += 1;
    return more ?? known;
  }

  counters() {
    return { nat_ends_named: this.#named };
  }

  #more(known: AddressHolder, address: string, port: number, atMillis: number): AddressHolder | undefined {
    const { resolver, nat, nodeName } = this.#options;
    if (known.service !== undefined || known.kind === 'ambiguous') return undefined;
    if (known.kind === 'pod') {
      const service = nat.table.serviceBehind(address, port);
      return service && { ...known, service };
    }
    const found = nat.table.find(address, port, known.kind === 'node');
    if (found === undefined) return undefined;
    // A Service's port is the same on every node.
    if (found.service !== undefined) return { ...known, kind: 'service', service: found.service };
    const isElsewhere = found.address === undefined && known.nodeName !== nodeName;
    const [backend, another] = found.backends;
    if (isElsewhere || backend === undefined || another !== undefined) return undefined;
    const behind = resolver.resolve(backend.address, backend.port ?? port, atMillis);
    return behind.kind === 'pod' ? behind : undefined;
  }
}
