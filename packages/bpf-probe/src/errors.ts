// SPDX-License-Identifier: Apache-2.0
import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import { HopspanError } from '@hopspan/core';

/** Codes of the errors of this package. They are stable; messages are not. */
export type HopProbeErrorCode =
  | 'HOPSPAN_ERR_PLATFORM'
  | 'HOPSPAN_ERR_ADDON_MISSING'
  | 'HOPSPAN_ERR_OBJECT_MISSING'
  | 'HOPSPAN_ERR_KERNEL_TOO_OLD'
  | 'HOPSPAN_ERR_NOT_PERMITTED'
  | 'HOPSPAN_ERR_NO_SUCH_INTERFACE'
  | 'HOPSPAN_ERR_TOO_MANY_POINTS'
  | 'HOPSPAN_ERR_LOAD'
  | 'HOPSPAN_ERR_ATTACH'
  | 'HOPSPAN_ERR_SYSTEM'
  | 'HOPSPAN_ERR_STATE';

/** What else is known about an error. */
export interface HopProbeErrorDetails {
  readonly cause?: unknown;
  /** The kernel's errno, positive. */
  readonly errno?: number;
  /** End of the verifier's log, of HOPSPAN_ERR_LOAD. */
  readonly verifierLog?: string;
}

/** Any error of this package. Match on `code`, not on the class: two versions may be installed. */
export class HopProbeError extends HopspanError {
  readonly errno?: number;
  readonly verifierLog?: string;

  constructor(code: HopProbeErrorCode, message: string, details: HopProbeErrorDetails = {}) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'HopProbeError';
    if (details.errno !== undefined) this.errno = details.errno;
    if (details.verifierLog !== undefined) this.verifierLog = details.verifierLog;
  }
}

/** An errno as text: `EPERM (operation not permitted)`. */
export function describeErrno(errno: number): string {
  const known = getSystemErrorMap().get(-errno);
  return known === undefined ? `errno ${errno}` : `${getSystemErrorName(-errno)} (${known[1]})`;
}
