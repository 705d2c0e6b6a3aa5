// SPDX-License-Identifier: Apache-2.0
import type { ServiceName } from '../index/endpoint-slice.ts';
import type { Translation } from './translations.ts';

/** Virtual destinations of a node by address and port, and Services by what is behind them. */
export class NatTable {
  readonly #forward = new Map<string, Translation>();
  readonly #behind = new Map<string, ServiceName>();

  /** @param translations of two for one destination the first counts */
  constructor(translations: Iterable<Translation>) {
    for (const each of translations) {
      const key = keyOf(each.address, each.port);
      if (!this.#forward.has(key)) this.#forward.set(key, each);
      const { service } = each;
      if (service === undefined) continue;
      for (const { address, port } of each.backends) {
        const key = keyOf(address, port);
        const other = this.#behind.get(key);
        if (other === undefined || nameOf(service) < nameOf(other)) this.#behind.set(key, service);
      }
    }
  }

  /** Destinations that are known. */
  get size(): number {
    return this.#forward.size;
  }

  /** Of several that fit the most exact. @param isLocal whether the address is one of this machine */
  find(address: string, port: number, isLocal = false): Translation | undefined {
    return (
      this.#forward.get(keyOf(address, port)) ??
      (isLocal ? this.#forward.get(keyOf(undefined, port)) : undefined) ??
      this.#forward.get(keyOf(address, undefined))
    );
  }

  /** The Service that leads to an address; of several the first by name, as everywhere. */
  serviceBehind(address: string, port: number): ServiceName | undefined {
    return this.#behind.get(keyOf(address, port));
  }
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${address}|${port}`;
}

function nameOf({ namespace, name }: ServiceName): string {
  return `${namespace}/${name}`;
}
