// SPDX-License-Identifier: Apache-2.0
import { BackendError } from './errors.ts';

const REQUEST_MILLIS = 60_000;

/**
 * Fetches JSON.
 * @returns undefined when the server answers 404
 * @throws BackendError HOPSPAN_ERR_BACKEND_QUERY
 */
export async function fetchJson<T>(url: string): Promise<T | undefined> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(REQUEST_MILLIS),
    });
    status = response.status;
    text = await response.text();
    if (status === 404) return undefined;
    if (response.ok) return JSON.parse(text) as T;
  } catch (error) {
    throw new BackendError('HOPSPAN_ERR_BACKEND_QUERY', `GET ${url} failed: ${describe(error)}`, {
      cause: error,
    });
  }
  throw new BackendError('HOPSPAN_ERR_BACKEND_QUERY', `GET ${url} answered ${status}: ${text.slice(0, 200)}`);
}

/** Whether a trace receiver takes OTLP/HTTP. */
export async function acceptsOtlp(otlpHttpUrl: string): Promise<boolean> {
  const response = await fetch(`${otlpHttpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceSpans":[]}',
    signal: AbortSignal.timeout(REQUEST_MILLIS),
  });
  return response.ok;
}

function describe(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
