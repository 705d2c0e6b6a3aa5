// SPDX-License-Identifier: Apache-2.0

/** Shell script that runs `ip` commands, stopping at the first that fails. */
export function ip(lines: readonly string[]): string {
  return batch('ip', lines);
}

/** The same for `bridge`. */
export function bridge(lines: readonly string[]): string {
  return batch('bridge', lines);
}

function batch(tool: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${tool} -batch - <<'END'\n${lines.join('\n')}\nEND`;
}
