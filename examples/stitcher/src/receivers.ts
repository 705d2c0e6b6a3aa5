// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { exportMethod } from './otlp.ts';

/** What became of a request: `busy` is to be sent again later, `malformed` never. */
export type Acceptance = 'accepted' | 'busy' | 'malformed';

/** Takes the bytes of an ExportTraceServiceRequest. */
export type Accept = (request: Buffer) => Acceptance;

/** Something that listens. */
export interface Receiver {
  /** Where, in the form that exporters take. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const maxRequestBytes = 64 * 1024 * 1024;
/** Peers that do not hang up are cut off after this time. */
const closeMillis = 1000;
const busyText = 'the queue is full; send again later';
const malformedText = 'not an ExportTraceServiceRequest in protobuf';

/** OTLP/gRPC without TLS. @param address `host:port` or `unix:///path` */
export async function listenGrpc(address: string, accept: Accept): Promise<Receiver> {
  const server = new Server({ 'grpc.max_receive_message_length': maxRequestBytes });
  const handle = ({ request }: ServerUnaryCall<Buffer, object>, respond: sendUnaryData<object>) => {
    const acceptance = accept(request);
    if (acceptance === 'accepted') respond(null, {});
    else if (acceptance === 'busy') respond({ code: status.UNAVAILABLE, details: busyText });
    else respond({ code: status.INVALID_ARGUMENT, details: malformedText });
  };
  server.addService({ Export: exportMethod }, { Export: handle });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind(address, ServerCredentials.createInsecure());
  return {
    endpoint: address.startsWith('unix:') ? address : `http://${address.replace(/:\d+$/, '')}:${port}`,
    close: async () => {
      const timer = setTimeout(() => server.forceShutdown(), closeMillis);
      await promisify(server.tryShutdown.bind(server))().catch(() => undefined);
      clearTimeout(timer);
    },
  };
}

/** OTLP/HTTP with protobuf, gzipped or not: POST /v1/traces. */
export async function listenHttp(address: string, accept: Accept): Promise<Receiver> {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator).replace(/^\[(.*)\]$/, '$1');
  const server = createServer((request, response) => {
    void answer(request, accept).then(
      ({ code, text }) => reply(response, code, text),
      () => reply(response, 400, malformedText),
    );
  });
  server.headersTimeout = 5000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(address.slice(separator + 1)), host, resolve);
  });
  return {
    endpoint: `http://${address.slice(0, separator)}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = promisify(server.close.bind(server))().catch(() => undefined);
      setTimeout(() => server.closeAllConnections(), closeMillis).unref();
      server.closeIdleConnections();
      await closed;
    },
  };
}

interface Answer {
  readonly code: number;
  readonly text: string;
}

async function answer(request: IncomingMessage, accept: Accept): Promise<Answer> {
  if (request.url !== '/v1/traces') return { code: 404, text: 'only /v1/traces' };
  if (request.method !== 'POST') return { code: 405, text: 'only POST' };
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-protobuf\b/.test(type)) {
    return { code: 415, text: `got content-type ${JSON.stringify(type)}, expected application/x-protobuf` };
  }
  const body = await readBody(request);
  if (body === undefined) return { code: 413, text: `more than ${maxRequestBytes} bytes` };
  const acceptance = accept(body);
  if (acceptance === 'busy') return { code: 503, text: busyText };
  return acceptance === 'accepted' ? { code: 200, text: '' } : { code: 400, text: malformedText };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxRequestBytes) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  return promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)(body, {
    maxOutputLength: maxRequestBytes,
  });
}

/** An empty body is the protobuf of a full success. */
function reply(response: ServerResponse, code: number, text: string): void {
  const type = code === 200 ? 'application/x-protobuf' : 'text/plain; charset=utf-8';
  response.writeHead(code, { 'content-type': type, ...(code === 503 && { 'retry-after': '1' }) });
  response.end(text === '' ? '' : `${text}\n`);
}
