// SPDX-License-Identifier: Apache-2.0

/** Stable codes of the lab's errors. */
export type LabErrorCode =
  | 'HOPSPAN_ERR_LAB_OPTION'
  | 'HOPSPAN_ERR_LAB_PRIVILEGE'
  | 'HOPSPAN_ERR_LAB_SETUP'
  | 'HOPSPAN_ERR_LAB_UNSUPPORTED'
  | 'HOPSPAN_ERR_LAB_PROCESS'
  | 'HOPSPAN_ERR_LAB_TIMEOUT';

/** An error of the lab: the message says what was tried, what came instead, and how to mend it. */
export class LabError extends Error {
  readonly code: LabErrorCode;

  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
    this.code = code;
  }
}
