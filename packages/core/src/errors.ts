// SPDX-License-Identifier: Apache-2.0

/** Codes of the errors that core itself makes. Other packages add their own with the same prefix. */
export type CoreErrorCode =
  | 'HOPSPAN_ERR_INVALID_OPTION'
  | 'HOPSPAN_ERR_INVALID_TRACE_CONTEXT'
  | 'HOPSPAN_ERR_PIPELINE_CLOSED';

/**
 * Base of every error that a Hopspan package throws. `code` is stable across releases; the message
 * says the operation, what was got, what was expected, and how to mend it.
 */
export class HopspanError extends Error {
  readonly code: string;

  constructor(code: CoreErrorCode | `HOPSPAN_ERR_${string}`, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HopspanError';
    this.code = code;
  }
}
