// SPDX-License-Identifier: Apache-2.0

/** Where an OTLP endpoint is, for a connection of our own to see whether anybody is there. */
export type EndpointTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type OtlpProtocol = 'grpc' | 'http/protobuf';

/** An endpoint in the form the OTLP exporters take, with where it leads. */
export interface OtlpEndpoint {
  readonly url: string;
  readonly target: EndpointTarget;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
}

/**
 * Reads an endpoint as the Collector does: for gRPC `host:port`, `http://…`, `https://…` or `unix:///path`; for
 * HTTP a URL. Without a scheme `insecure` decides. undefined when it is none of these.
 */
export function parseOtlpEndpoint(
  text: string,
  protocol: OtlpProtocol,
  insecure = false,
): OtlpEndpoint | undefined {
  if (protocol === 'grpc' && text.startsWith('unix:')) return parseUnix(text);
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `${insecure ? 'http' : 'https'}://${text}`;
  const url = URL.parse(withScheme);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') return undefined;
  const secure = url.protocol === 'https:';
  if (protocol === 'http/protobuf' && withScheme !== text) return undefined;
  const schemePort = secure ? 443 : 80;
  const written = Number(url.port) || (/:\d+\/*$/.test(withScheme) ? schemePort : undefined);
  const port = written ?? (protocol === 'grpc' ? 4317 : schemePort);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const target = { kind: 'tcp', host, port } as const;
  return {
    url: protocol === 'grpc' ? `${url.protocol}//${url.hostname}:${port}` : withScheme,
    secure,
    target,
  };
}

function parseUnix(text: string): OtlpEndpoint | undefined {
  const path = /^unix:(?:\/\/)?(\/[^/].*)$/.exec(text)?.[1];
  return path === undefined
    ? undefined
    : { url: `unix://${path}`, secure: false, target: { kind: 'unix', path } };
}
