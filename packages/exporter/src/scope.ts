// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';
import { ATTR_HOST_NAME, ATTR_SERVICE_NAME, SCHEMA_URL } from './semconv.ts';
import type { ResourceLike, ScopeLike } from './types.ts';
import { VERSION } from './version.ts';

/** The service name hop spans carry when nobody chose one. */
export const DEFAULT_SERVICE_NAME = 'overlay-network';

/** The instrumentation scope of everything this package makes. One object, as exporters compare identity. */
export const HOPSPAN_SCOPE: ScopeLike = Object.freeze({
  name: '@hopspan/exporter',
  version: VERSION,
  schemaUrl: SCHEMA_URL,
});

/** A resource with `service.name` overlay-network and this machine's host name. */
export function getDefaultResource(): ResourceLike {
  return { attributes: { [ATTR_SERVICE_NAME]: DEFAULT_SERVICE_NAME, [ATTR_HOST_NAME]: hostname() } };
}
