// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { TruthEntry } from '../truth.ts';

/** What a request is to look like. */
export interface RequestShape {
  readonly kind: string;
  /** Default: GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** What the server does with it, see server.ts. Default: /status/200. */
  readonly path?: string;
  /** Headers besides Host, the context and Content-Length. Default: one. */
  readonly headers?: readonly string[];
  /** How many of `headers` stand before the context. Default: all. */
  readonly contextAt?: number;
  /** Default: sampled. */
  readonly context?: 'sampled' | 'unsampled' | 'none';
  /** Parts of the body; each decoy is a whole request with a context of its own. Default: none. */
  readonly body?: readonly ('decoy' | string)[];
}

/** A request as it is sent, and what the log will say of it. */
export interface Request {
  readonly head: Buffer;
  readonly body: Buffer;
  readonly bytes: Buffer;
  readonly isHead: boolean;
  readonly entry: TruthEntry;
}

const DEFAULT_HEADERS = ['User-Agent: hopspan-soak', 'Accept: */*'];

export function makeRequest(shape: RequestShape): Request {
  const { method = 'GET', path = '/status/200', headers = DEFAULT_HEADERS, context = 'sampled' } = shape;
  const id = newContext();
  const decoys: string[] = [];
  const body = Buffer.from((shape.body ?? []).map((part) => bodyPart(part, decoys)).join(''));
  const contextLine = `traceparent: 00-${id}-${context === 'sampled' ? '01' : '00'}`;
  const at = shape.contextAt ?? headers.length;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: soak',
    ...headers.slice(0, at),
    ...(context === 'none' ? [] : [contextLine]),
    ...headers.slice(at),
    ...(method === 'POST' ? [`Content-Length: ${body.length}`] : []),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  const entry: TruthEntry = {
    kind: shape.kind,
    context: context === 'none' ? undefined : id,
    sampled: context === 'sampled',
    decoys,
    destination: '',
    source: '',
    status: undefined,
    server: undefined,
  };
  return { head, body, bytes: Buffer.concat([head, body]), isHead: method === 'HEAD', entry };
}

/** The text of a part of a body; the context of a decoy is noted, since following it is a fault. */
function bodyPart(part: 'decoy' | string, decoys: string[]): string {
  if (part !== 'decoy') return part;
  const id = newContext();
  decoys.push(id);
  return `GET /decoy HTTP/1.1\r\nHost: decoy\r\ntraceparent: 00-${id}-01\r\n\r\n`;
}

function newContext(): string {
  return `${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}`;
}
