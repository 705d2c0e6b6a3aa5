// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import type { Sender } from './forwarder.ts';
import { exportMethod } from './otlp.ts';

const attemptMillis = 10_000;

/** OTLP/gRPC without TLS. @param endpoint `http://host:port` or `unix:///path` */
export function createGrpcSender(endpoint: string): Sender {
  const address = endpoint.startsWith('unix:') ? endpoint : new URL(endpoint).host;
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    // A channel that was refused would wait for up to two minutes before it tries again.
    'grpc.max_reconnect_backoff_ms': 2000,
  });
  const { path, requestSerialize, responseDeserialize } = exportMethod;
  return {
    send: (request, signal) =>
      new Promise((resolve, reject) => {
        const done = (error: ServiceError | null) => {
          signal.removeEventListener('abort', cancel);
          if (error === null) resolve();
          else reject(error);
        };
        const deadline = Date.now() + attemptMillis;
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          { deadline },
          done,
        );
        const cancel = () => call.cancel();
        signal.addEventListener('abort', cancel);
      }),
    close: () => client.close(),
  };
}

/** OTLP/HTTP with protobuf. @param endpoint base URL, to which `/v1/traces` is added */
export function createHttpSender(endpoint: string): Sender {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  return {
    send: async (body, signal) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: new Uint8Array(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(attemptMillis)]),
      }).catch((error: unknown) => {
        throw toNetworkError(error);
      });
      await response.arrayBuffer();
      if (!response.ok) {
        throw Object.assign(new Error(`HTTP status ${response.status}`), { code: response.status });
      }
    },
    close: () => undefined,
  };
}

/** fetch hides the errno in the cause; a time-out has none. */
function toNetworkError(error: unknown): Error {
  const cause = (error as { cause?: unknown }).cause;
  const { message, code } = (cause ?? error) as NodeJS.ErrnoException;
  const isTimeout = (error as Error).name === 'TimeoutError';
  return Object.assign(new Error(message), { code: isTimeout ? 'ETIMEDOUT' : code });
}
