// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import type { RuntimeContainer, VportStrategyName } from '@hopspan/k8s-discovery';
import type { Machine } from './machine.ts';

const script = fileURLToPath(new URL('vports-process.ts', import.meta.url));

/** Whose containers, and by which strategies, each by itself. */
export interface VportsQuestion {
  readonly docker?: string;
  readonly cri?: string;
  readonly netns?: string;
  readonly strategies: readonly VportStrategyName[];
}

/** By name of the container: indexes of its devices on the host, or why there are none. */
export type FoundVports = Readonly<Record<string, readonly number[] | string>>;

/** What was found by each strategy alone, and under `all` by all of them in their order. */
export interface VportsAnswer {
  readonly containers: readonly RuntimeContainer[];
  readonly found: Readonly<Record<string, FoundVports>>;
}

/** Looks for vports on a machine, as its agent would. */
export async function findVports(machine: Machine, question: VportsQuestion): Promise<VportsAnswer> {
  return JSON.parse(await machine.run(process.execPath, script, JSON.stringify(question))) as VportsAnswer;
}
