// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from '@hopspan/core';

/** Codes of the errors this package makes, besides those of @hopspan/core. */
export type ExporterErrorCode =
  /** The optional peer that speaks the chosen protocol is not installed. */
  | 'HOPSPAN_ERR_EXPORTER_NOT_INSTALLED'
  /** The optional peer is installed but could not be loaded or constructed. */
  | 'HOPSPAN_ERR_EXPORTER_LOAD'
  /** The endpoint is not one the chosen protocol can use. */
  | 'HOPSPAN_ERR_INVALID_ENDPOINT'
  /** A batch failed in a way that may not be retried; `cause` is the exporter's own error. */
  | 'HOPSPAN_ERR_EXPORT_REJECTED'
  /** A batch still failed when its time for retries was up; `cause` is the last error. */
  | 'HOPSPAN_ERR_EXPORT_RETRY_EXPIRED'
  /** A batch was given up because of a shutdown; `cause` is the last error, if there was one. */
  | 'HOPSPAN_ERR_EXPORT_SHUTDOWN';

/** An error of this package. */
export class HopExporterError extends HopspanError {
  constructor(code: ExporterErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = 'HopExporterError';
  }
}
