// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import type { NativeAddon } from './native.ts';

/** Every program of this project is called so, whichever process loaded it. */
const PREFIX = 'hopspan_';

const { EPERM } = constants.errno;

/** Whether a program of this name belongs to a Hopspan: this one, another one, or one that has died. */
export function isOurName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * The same of a program of which only the id is known. Undefined when it cannot be told: the kernel describes the
 * programs of other processes to CAP_SYS_ADMIN only.
 */
export function isOurs(native: Pick<NativeAddon, 'programInfoById'>, programId: number): boolean | undefined {
  const info = native.programInfoById(programId);
  if (typeof info === 'number') return info === -EPERM ? undefined : false;
  return isOurName(info.name);
}
