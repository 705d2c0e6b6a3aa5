// SPDX-License-Identifier: Apache-2.0
import { createConnection } from 'node:net';
import { formatAddress } from '../telemetry/http-listener.ts';
import type { EndpointTarget } from './endpoint.ts';

/** undefined when something accepts a connection there, else the reason in a few words. */
export async function findUnreachable(
  target: EndpointTarget,
  timeoutMillis = 3000,
): Promise<string | undefined> {
  const socket = createConnection(
    target.kind === 'unix' ? { path: target.path } : { host: target.host, port: target.port },
  );
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.setTimeout(timeoutMillis, () => resolve(`no answer within ${timeoutMillis} ms`));
    });
  } finally {
    socket.destroy();
  }
}

/** The target for people. */
export function formatTarget(target: EndpointTarget): string {
  return target.kind === 'unix' ? target.path : formatAddress(target.host, target.port);
}
