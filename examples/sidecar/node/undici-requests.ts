// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { flatContextFirst } from './flat-headers.ts';

const CREATE = 'undici:request:create';

/** What undici 6 and newer, and Node's own fetch, tell of a request before it is written. */
interface CreatedRequest {
  readonly request: { headers: unknown };
}

/**
 * Puts the trace context first in every request of undici and of Node's fetch made from now on. Call it after
 * OpenTelemetry's instrumentation of undici was registered: that adds its header on the same channel, and subscribers are
 * called in the order in which they came. undici writes Host and Connection itself, in front of all headers.
 * @returns stops it
 */
export function putContextFirst(): () => void {
  const onCreate = (message: unknown): void => {
    const { request } = message as CreatedRequest;
    if (Array.isArray(request.headers)) request.headers = flatContextFirst(request.headers);
  };
  subscribe(CREATE, onCreate);
  return () => void unsubscribe(CREATE, onCreate);
}
