// SPDX-License-Identifier: Apache-2.0
import type { NativeAddon } from './native.ts';

/** Every program of this project is called so, whichever process loaded it. */
const PREFIX = 'hopspan_';

/** Whether a program belongs to a Hopspan: this one, another one, or one that has died. */
export function isOurs(native: Pick<NativeAddon, 'programInfoById'>, programId: number): boolean {
  const info = native.programInfoById(programId);
  return typeof info !== 'number' && info.name.startsWith(PREFIX);
}
