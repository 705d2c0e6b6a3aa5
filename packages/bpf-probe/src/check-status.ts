// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { notPermitted } from './capabilities.ts';
import { describeErrno, HopProbeError, type HopProbeErrorCode } from './errors.ts';
import type { NativeAddon } from './native.ts';

/** How much of libbpf's output goes into a message; the rest is in `verifierLog`. */
const LOG_LINES = 3;

/**
 * Passes a good status on.
 * @throws HopProbeError `code`, or HOPSPAN_ERR_NOT_PERMITTED for EPERM
 */
export function checkStatus(
  native: Pick<NativeAddon, 'takeLog'>,
  code: HopProbeErrorCode,
  operation: string,
  status: number,
): number {
  if (status >= 0) return status;
  const errno = -status;
  if (errno === constants.errno.EPERM) throw notPermitted(operation, errno);
  const log = native.takeLog().trim();
  const tail = log.split('\n').slice(-LOG_LINES).join(' | ');
  throw new HopProbeError(
    code,
    `${operation}: ${describeErrno(errno)}${tail === '' ? '' : `; libbpf says: ${tail}`}`,
    { errno, ...(code === 'HOPSPAN_ERR_LOAD' ? { verifierLog: log } : {}) },
  );
}
