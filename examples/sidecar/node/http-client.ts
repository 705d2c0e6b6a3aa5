// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { contextFirst } from '@hopspan/core';

const CREATED = 'http.client.request.created';

/**
 * Puts the trace context first in every request of node:http and node:https made from now on. It comes behind what
 * OpenTelemetry's instrumentation adds, since the channel (Node 22.12) tells of a request when its headers are known
 * and none is written. Requests whose headers were given as an array are written as given.
 * @returns stops it
 */
export function putContextFirst(): () => void {
  const onCreated = (message: unknown): void => reorder((message as { request: ClientRequest }).request);
  subscribe(CREATED, onCreated);
  return () => void unsubscribe(CREATED, onCreated);
}

function reorder(request: ClientRequest): void {
  if (request.headersSent) return;
  const headers = request.getRawHeaderNames().map((name) => [name, request.getHeader(name) ?? ''] as const);
  for (const [name] of headers) request.removeHeader(name);
  for (const [name, value] of contextFirst(headers)) request.setHeader(name, value);
}
