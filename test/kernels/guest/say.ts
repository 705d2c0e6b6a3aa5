// SPDX-License-Identifier: Apache-2.0

/** Prints an object on a line of its own. */
export function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
