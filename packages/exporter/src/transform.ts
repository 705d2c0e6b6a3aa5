// SPDX-License-Identifier: Apache-2.0
import type { Hop } from '@hopspan/core';
import { HopSpan } from './hop-span.ts';
import { HOPSPAN_SCOPE } from './scope.ts';
import type { ResourceLike, ScopeLike } from './types.ts';

/**
 * The span of a hop: kind INTERNAL, child of the context the packet carried, in its trace and with its flags.
 * Pure but for the random span id.
 * @param resource passed through as it is; give the same object every time
 * @param scope default: this package's own
 */
export function hopToSpan<R extends ResourceLike>(
  hop: Hop,
  resource: R,
  scope: ScopeLike = HOPSPAN_SCOPE,
): HopSpan<R> {
  return new HopSpan(hop, resource, scope);
}
