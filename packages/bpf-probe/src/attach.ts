// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import type { TracingPoint } from '@hopspan/core';
import type { AttachContext, Attachment } from './attachment.ts';
import { attachClsact } from './clsact-attachment.ts';
import type { WatchedInterface } from './interfaces.ts';
import type { AttachMode } from './options.ts';
import { attachTcx } from './tcx-attachment.ts';

/** How a kernel before 6.6 answers to a link on a tcx hook. */
const TCX_UNKNOWN = [constants.errno.EINVAL, constants.errno.EOPNOTSUPP] as readonly number[];

/**
 * Attaches both programs to a device: both, or none.
 * @throws HopProbeError HOPSPAN_ERR_ATTACH, HOPSPAN_ERR_NOT_PERMITTED
 */
export async function attach(
  context: AttachContext,
  mode: AttachMode,
  watched: WatchedInterface,
  points: readonly TracingPoint[],
): Promise<Attachment> {
  if (mode === 'clsact') return attachClsact(context, watched, points);
  try {
    return await attachTcx(context, watched, points);
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (mode === 'tcx' || errno === undefined || !TCX_UNKNOWN.includes(errno)) throw error;
  }
  return attachClsact(context, watched, points);
}
