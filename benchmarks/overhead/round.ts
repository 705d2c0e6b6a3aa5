// SPDX-License-Identifier: Apache-2.0
import type { Scene } from '../two-pods/scene.ts';
import { type Load, loads, type Performance } from './loads.ts';
import type { ProbeAccount } from './probe-account.ts';
import { type Watcher, watchers } from './watchers.ts';

/** What was done under one watcher. */
export interface Watched {
  readonly performances: Readonly<Record<Load['name'], Performance>>;
  /** Of the probes. */
  readonly account: ProbeAccount | undefined;
}

/** Every watcher once, with every load. */
export type Round = Readonly<Record<Watcher['name'], Watched>>;

/** In an order of its own, so that what changes with time changes nothing between them. */
export async function playRound(scene: Scene, seconds: number, signal: AbortSignal): Promise<Round> {
  const round: Partial<Record<Watcher['name'], Watched>> = {};
  for (const watcher of shuffled(watchers)) {
    const stop = await watcher.start(scene);
    const performances: Partial<Record<Load['name'], Performance>> = {};
    for (const load of shuffled(loads)) {
      signal.throwIfAborted();
      performances[load.name] = await load.run(scene, seconds);
    }
    round[watcher.name] = { performances: performances as Watched['performances'], account: await stop() };
  }
  return round as Round;
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}
