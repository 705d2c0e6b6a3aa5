// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer } from 'node:net';
import { BackendError } from './errors.ts';

/** Ports of a backend on 127.0.0.1. */
export interface BackendPorts {
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
  readonly query: number;
  /** For what the backend needs besides. */
  readonly internal: number;
}

/** Which ports a backend is to have. Default: free ones. */
export interface PortOptions {
  otlpGrpcPort?: number;
  otlpHttpPort?: number;
  queryPort?: number;
}

/**
 * Chooses ports. Somebody may take one of them before it is used: see retryOnPortInUse.
 * @throws BackendError HOPSPAN_ERR_BACKEND_START when a requested one is taken
 */
export async function choosePorts(options: PortOptions): Promise<BackendPorts> {
  const { otlpGrpcPort = 0, otlpHttpPort = 0, queryPort = 0 } = options;
  const open = await Promise.allSettled([otlpGrpcPort, otlpHttpPort, queryPort, 0].map(listen));
  const ports = open.map((result) => (result.status === 'fulfilled' ? result.value.port : 0));
  await Promise.all(open.map((result) => result.status === 'fulfilled' && result.value.close()));
  const failure = open.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const [otlpGrpc = 0, otlpHttp = 0, query = 0, internal = 0] = ports;
  return { otlpGrpc, otlpHttp, query, internal };
}

/** Calls again, twice at most, when a port that was free has been taken in the meantime. */
export async function retryOnPortInUse<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const inUse = error instanceof BackendError && error.message.includes('address already in use');
      if (!inUse || attempt === 3) throw error;
    }
  }
}

async function listen(wanted: number): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer();
  server.listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new BackendError('HOPSPAN_ERR_BACKEND_START', `cannot use port ${wanted} of 127.0.0.1: ${reason}`);
  }
  return {
    port: (server.address() as { port: number }).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
