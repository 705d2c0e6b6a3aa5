// SPDX-License-Identifier: Apache-2.0

const MAX_NAMES = 65_536;

/** Keeps one copy of names that come again and again: of namespaces, of nodes. */
export class Interner {
  readonly #names = new Map<string, string>();

  intern(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    this.#names.set(name, name);
    return name;
  }
}
