// SPDX-License-Identifier: Apache-2.0
import type { SceneOptions } from '@hopspan/test/soak/scene.ts';

/** A round of the soak: how packets travel, how many are lost, how much is sent. */
export interface SoakRound {
  readonly name: string;
  readonly scene: SceneOptions;
  /** One packet in so many is lost on the wire; 0: none. */
  readonly loseEveryNth: number;
  /** All kinds of load and all targets together, at least. */
  readonly requests: number;
}

const SCENES: Readonly<Record<string, SceneOptions>> = {
  vxlan: { overlay: 'vxlan', podAttachment: 'routed' },
  plain: { overlay: 'none', podAttachment: 'bridged' },
};
/** Half of the traffic crosses the wire: this makes 1 % of all segments retransmissions. */
const LOSE_EVERY_NTH = 40;
const REQUESTS = 100_000;
const QUICK_REQUESTS = 8000;

/** Each overlay without loss and with it, which gets the larger part of the requests. */
export function getRounds(quick: boolean): SoakRound[] {
  const requests = quick ? QUICK_REQUESTS : REQUESTS;
  return Object.entries(SCENES).flatMap(([name, scene]) => [
    { name: `${name}-clean`, scene, loseEveryNth: 0, requests: requests * 0.2 },
    { name: `${name}-lossy`, scene, loseEveryNth: LOSE_EVERY_NTH, requests: requests * 0.3 },
  ]);
}
