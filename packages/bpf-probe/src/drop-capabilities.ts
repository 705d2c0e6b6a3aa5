// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type CapabilityName, capabilityMask, namesIn } from './capabilities.ts';
import { checkStatus } from './check-status.ts';
import { HopProbeError } from './errors.ts';
import { loadNative, type NativeAddon } from './native.ts';
import { readThreadPrivileges, type ThreadPrivileges } from './thread-privileges.ts';

/** A thread answers as soon as it runs, so this is long. */
const LIMIT_MILLIS = 10_000;

/**
 * Takes every capability but these away from every thread of this process, those of Node's own included, for good;
 * from then on no file that it executes can give any back. What is to be kept and is not there stays away.
 * @returns the names of those that are left
 * @throws HopProbeError HOPSPAN_ERR_SYSTEM when a thread does not answer; then some threads have dropped and some not
 */
export async function dropCapabilities(keep: readonly CapabilityName[]): Promise<string[]> {
  const native = loadNative();
  const kept = capabilityMask(keep);
  const low = Number(kept & 0xffff_ffffn);
  checkStatus(native, 'HOPSPAN_ERR_SYSTEM', 'drop capabilities', native.armDrop(low, Number(kept >> 32n)));
  try {
    await untilAllHave(native, kept);
  } finally {
    native.disarmDrop();
  }
  const left = readThreadPrivileges().reduce((all, { permitted }) => all | permitted, 0n);
  return namesIn(left);
}

/** Twice in a row: a thread that has dropped may have made another before that, after the threads were listed. */
async function untilAllHave(native: NativeAddon, kept: bigint): Promise<void> {
  const end = performance.now() + LIMIT_MILLIS;
  for (let clean = 0; clean < 2; ) {
    const left = readThreadPrivileges().filter((each) => !hasDropped(each, kept));
    clean = left.length === 0 ? clean + 1 : 0;
    if (left.length > 0 && performance.now() > end) throw notDropped(left);
    for (const { thread } of left) native.askToDrop(thread);
    if (left.length > 0) await sleep(1);
  }
}

function hasDropped({ permitted, noNewPrivileges }: ThreadPrivileges, kept: bigint): boolean {
  return noNewPrivileges && (permitted & ~kept) === 0n;
}

function notDropped(left: readonly ThreadPrivileges[]): HopProbeError {
  const threads = left.map(({ thread, name }) => `${thread} (${name})`).join(', ');
  return new HopProbeError(
    'HOPSPAN_ERR_SYSTEM',
    `drop capabilities: threads ${threads} did not within ${LIMIT_MILLIS} ms. Seccomp may forbid capset or rt_tgsigqueueinfo.`,
  );
}
