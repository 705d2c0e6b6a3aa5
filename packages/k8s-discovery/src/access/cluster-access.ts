// SPDX-License-Identifier: Apache-2.0

/** What a request authenticates with, and trusts. Files are read anew for every request: all of them rotate. */
export interface Credentials {
  /** Bearer token. */
  readonly token?: string;
  /** Client certificate and its key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Certificates of the authorities that the server's certificate may come from, PEM. Default: Node's. */
  readonly ca?: string;
}

/** How to reach one cluster. Made by loadInClusterAccess and loadKubeconfig, or by hand. */
export interface ClusterAccess {
  /** Base URL of the API server, without a slash at its end. */
  readonly server: string;
  /** Where the description comes from, for messages: a path. */
  readonly origin: string;
  /** Name that the server's certificate must have. Default: the host of `server`. */
  readonly serverName?: string;
  /** Takes any certificate of the server. Default: false. */
  readonly insecureSkipTlsVerify?: boolean;
  /** URL of an HTTP(S) proxy. Default: none. */
  readonly proxyUrl?: string;
  /** @throws DiscoveryError HOPSPAN_ERR_KUBE_CREDENTIALS */
  credentials(): Promise<Credentials>;
  /** The server refused the credentials (401): what was cached of them must not be used again. */
  refused?(): void;
}
