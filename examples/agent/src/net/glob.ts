// SPDX-License-Identifier: Apache-2.0

/** Those of the names that at least one of the globs matches; `*` is any run of characters, `?` any one. */
export function selectByGlobs(names: readonly string[], globs: readonly string[]): string[] {
  const patterns = globs.map(toPattern);
  return names.filter((name) => patterns.some((pattern) => pattern.test(name)));
}

/** Whether a name is a pattern and not a name. */
export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

function toPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
