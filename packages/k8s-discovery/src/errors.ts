// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from '@hopspan/core';

/** Codes of the errors this package makes, besides those of @hopspan/core. */
export type DiscoveryErrorCode =
  /** The description of the cluster cannot be used: service account mount or kubeconfig. */
  | 'HOPSPAN_ERR_KUBE_CONFIG'
  /** Credentials could not be had: a file that cannot be read, an exec plugin that failed. */
  | 'HOPSPAN_ERR_KUBE_CREDENTIALS'
  /** The API server did not answer: connection, TLS, time limit. `cause` is the network's own error. */
  | 'HOPSPAN_ERR_KUBE_UNREACHABLE'
  /** The API server answered with an error; see KubeApiError. */
  | 'HOPSPAN_ERR_KUBE_API'
  /** The API server answered with something that is not what its protocol says. */
  | 'HOPSPAN_ERR_KUBE_PROTOCOL'
  /** Jaeger did not tell the topology: connection, status, or an answer that is none. */
  | 'HOPSPAN_ERR_TOPOLOGY'
  /** The rules of address translation cannot be read: no such program, no privilege, or not what the tool writes. */
  | 'HOPSPAN_ERR_NAT';

/** An error of this package. */
export class DiscoveryError extends HopspanError {
  constructor(code: DiscoveryErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = 'DiscoveryError';
  }
}

/** An answer of the API server that is an error: an HTTP status, or the ERROR event of a watch. */
export class KubeApiError extends DiscoveryError {
  /** HTTP status code. */
  readonly status: number;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMillis?: number;

  constructor(message: string, status: number, retryAfterMillis?: number) {
    super('HOPSPAN_ERR_KUBE_API', message);
    this.name = 'KubeApiError';
    this.status = status;
    this.retryAfterMillis = retryAfterMillis;
  }
}
