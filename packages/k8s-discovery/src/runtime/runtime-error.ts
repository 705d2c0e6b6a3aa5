// SPDX-License-Identifier: Apache-2.0
import { HopspanError } from '@hopspan/core';

/** A container runtime did not answer, or not as its interface says. */
export class ContainerRuntimeError extends HopspanError {
  constructor(message: string, options?: ErrorOptions) {
    super('HOPSPAN_ERR_CONTAINER_RUNTIME', message, options);
    this.name = 'ContainerRuntimeError';
  }
}

/** The file of `unix:///path`, or a path as it is. */
export function socketPathOf(endpoint: string): string {
  return endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : endpoint;
}
