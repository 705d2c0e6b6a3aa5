// SPDX-License-Identifier: Apache-2.0
import { contextFirst } from '@hopspan/core';

/** contextFirst for headers as Node and undici keep them raw: name, value, name, value, … */
export function flatContextFirst<T>(headers: readonly T[]): T[] {
  const pairs: [name: string, T, T][] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name, value] = [headers[i] as T, headers[i + 1] as T];
    pairs.push([String(name), name, value]);
  }
  return contextFirst(pairs).flatMap(([, name, value]) => [name, value]);
}
