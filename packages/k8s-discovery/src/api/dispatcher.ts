// SPDX-License-Identifier: Apache-2.0
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { ClusterAccess, Credentials } from '../access/cluster-access.ts';

const CONNECT_MILLIS = 10_000;

/** What decides how a connection is made: while it stays the same connections are used again. */
export function tlsKey({ ca, cert, key }: Credentials): string {
  return JSON.stringify([ca, cert, key]);
}

/** Connections to one cluster. HTTP/1.1: a watch has a connection to itself, and cannot stall another. */
export function createDispatcher(access: ClusterAccess, credentials: Credentials): Dispatcher {
  const { ca, cert, key } = credentials;
  const tls = {
    ca,
    cert,
    key,
    rejectUnauthorized: access.insecureSkipTlsVerify !== true,
    ...(access.serverName === undefined ? {} : { servername: access.serverName }),
  };
  const options = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, connectTimeout: CONNECT_MILLIS };
  if (access.proxyUrl === undefined) {
    return new Agent({ ...options, connect: { ...tls, timeout: CONNECT_MILLIS } });
  }
  return new ProxyAgent({ ...options, uri: access.proxyUrl, requestTls: tls });
}
