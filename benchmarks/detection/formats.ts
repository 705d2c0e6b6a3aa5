// SPDX-License-Identifier: Apache-2.0
import type { Cell, FormatName } from './cells.ts';

/** Name and value of a header, in the order in which they are sent. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What the sidecars are modelled on: they write the request as text. */
export type WrittenFormat = Exclude<FormatName, 'node' | 'undici'>;

const PATH = '/productpage?u=normal';
const browser: HeaderList = [
  ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['accept-language', 'en-GB,en;q=0.9'],
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
];
/** What the paper says the ingress gateway adds: about 1,000 bytes. */
const GATEWAY_METADATA_BYTES = 1000;

/** What a browser sent, with a cookie of this many bytes. */
export function clientHeaders(cookieBytes: number): HeaderList {
  return cookieBytes === 0 ? browser : [...browser, ['cookie', makeCookie(cookieBytes)]];
}

/** Of exactly that length, and as random as session cookies are: runs of hex, too. */
export function makeCookie(bytes: number): string {
  const parts: string[] = [];
  for (let i = 0, length = 0; length < bytes; i += 1) {
    const part = `s${i}=${(0x9e3779b97f4a7c15n * BigInt(i + 1)).toString(16)}; `;
    parts.push(part);
    length += part.length;
  }
  return parts
    .join('')
    .slice(0, bytes - 1)
    .concat('x');
}

export const requestPath = PATH;

/**
 * A request as a proxy writes it. Envoy keeps the order of headers, writes `host` first and appends what it adds;
 * its tracer removes traceparent and adds it again, last of all. HAProxy's `http-request set-header` appends. The paper
 * puts it right behind the request line, as nginx's `proxy_set_header` does.
 */
export function writeRequest(
  { cookieBytes }: Cell,
  format: WrittenFormat,
  host: string,
  traceparent: string,
): string {
  const context = ['traceparent', traceparent] as const;
  const received = [['host', host] as const, ...clientHeaders(cookieBytes)];
  const lines: Record<WrittenFormat, HeaderList> = {
    first: [context, ...received, ['connection', 'keep-alive']],
    haproxy: [...received, ['x-forwarded-for', '192.0.2.7'], context],
    envoy: [...received, ...envoyHeaders, context],
    'istio-gateway': [...received, ...envoyHeaders, ...gatewayHeaders, context],
  };
  const header = lines[format].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `GET ${PATH} HTTP/1.1\r\n${header}\r\n`;
}

const envoyHeaders: HeaderList = [
  ['x-forwarded-for', '192.0.2.7'],
  ['x-forwarded-proto', 'http'],
  ['x-request-id', '4bf92f35-77b3-4da6-a3ce-929d0e0e4736'],
  ['x-envoy-attempt-count', '1'],
];
const gatewayHeaders: HeaderList = [
  ['x-envoy-decorator-operation', 'productpage.default.svc.cluster.local:9080/productpage'],
  ['x-envoy-peer-metadata', makeCookie(GATEWAY_METADATA_BYTES).replaceAll(/[;= ]/g, 'A')],
];
