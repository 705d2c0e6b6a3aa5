// SPDX-License-Identifier: Apache-2.0

/** Whether a name is a pattern and not a name. */
export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

/** `*` stands for any characters, `?` for one. */
export function matchesGlob(name: string, glob: string): boolean {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}
