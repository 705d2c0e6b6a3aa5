// SPDX-License-Identifier: Apache-2.0
import { contextFirst } from '@hopspan/core';
import type { Dispatcher } from 'undici';
import { flatContextFirst } from './flat-headers.ts';

/**
 * An interceptor that puts the trace context first: `new Agent().compose(contextFirstInterceptor)`. For applications
 * that set the context themselves; OpenTelemetry's instrumentation adds it behind all interceptors, and then
 * putContextFirst of undici-requests.ts is what helps.
 */
export function contextFirstInterceptor(dispatch: Dispatcher['dispatch']): Dispatcher['dispatch'] {
  return (options, handler) => dispatch({ ...options, headers: reorder(options.headers) }, handler);
}

function reorder(
  headers: Dispatcher.DispatchOptions['headers'],
): string[] | Dispatcher.DispatchOptions['headers'] {
  if (headers === undefined || headers === null) return headers;
  if (Array.isArray(headers)) return flatContextFirst(headers);
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return contextFirst(pairs as [string, string | string[] | undefined][]).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [name, one])),
  );
}
