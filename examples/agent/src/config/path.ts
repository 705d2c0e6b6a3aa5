// SPDX-License-Identifier: Apache-2.0

/** Keys and list positions from the top of the configuration to a value. */
export type ConfigPath = readonly PropertyKey[];

/** The path as it is shown and as `--set` takes it. */
export function formatPath(path: ConfigPath): string {
  return path.map(String).join('::');
}
