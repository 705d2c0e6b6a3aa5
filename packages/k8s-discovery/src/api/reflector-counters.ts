// SPDX-License-Identifier: Apache-2.0

/** Counters of a reflector. */
export type ReflectorCounters = Readonly<ReturnType<typeof newReflectorTally>>;

/** All counters at 0; README.md says what they count. */
export function newReflectorTally() {
  return {
    lists: 0,
    relists: 0,
    pages: 0,
    listed: 0,
    watches: 0,
    watches_idle: 0,
    events: 0,
    bookmarks: 0,
    gone: 0,
    errors: 0,
  };
}
