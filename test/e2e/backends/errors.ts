// SPDX-License-Identifier: Apache-2.0

/** The backends that can be built. */
export type BackendName = 'jaeger' | 'tempo';

/** Stable codes of the backends' errors. */
export type BackendErrorCode =
  | 'HOPSPAN_ERR_BACKEND_START'
  | 'HOPSPAN_ERR_BACKEND_QUERY'
  | 'HOPSPAN_ERR_BACKEND_TIMEOUT';

/** An error of a backend, in one line that says what was tried and what came instead. */
export class BackendError extends Error {
  readonly code: BackendErrorCode;

  constructor(code: BackendErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendError';
    this.code = code;
  }
}
