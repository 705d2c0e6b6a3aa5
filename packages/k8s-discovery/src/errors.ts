// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from '@hopspan/core';

/** Codes of the errors this package makes, besides those of @hopspan/core. */
export type DiscoveryErrorCode =
  /** There is no usable description of a cluster: neither a service account nor a kubeconfig. */
  'HOPSPAN_ERR_KUBE_CONFIG';

/** An error of this package. */
export class DiscoveryError extends HopspanError {
  constructor(code: DiscoveryErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = 'DiscoveryError';
  }
}
