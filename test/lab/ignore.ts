// SPDX-License-Identifier: Apache-2.0

/** For an 'error' event that is reported another way, such as EPIPE to a process whose exit is watched. */
export function ignore(): void {
  // An event without a listener would end the owner.
}
