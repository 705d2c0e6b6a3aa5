// SPDX-License-Identifier: Apache-2.0
import { channel } from 'node:diagnostics_channel';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { Cell } from './cells.ts';
import { clientHeaders, requestPath, type WrittenFormat, writeRequest } from './formats.ts';
import type { ClientPlan } from './round-result.ts';

/** Sends requests of one cell on a connection that is kept. */
export interface Sender {
  /** Resolves when the request is answered. */
  send(traceparent: string): Promise<void>;
  close(): void;
}

type Server = Pick<ClientPlan, 'host' | 'port'>;

export function createSender(cell: Cell, server: Server): Sender | Promise<Sender> {
  if (cell.format === 'node') return createNodeSender(cell, server);
  if (cell.format === 'undici') return createUndiciSender(cell, server);
  return createTextSender(cell, cell.format, server);
}

/** node:http, with the context behind the caller's headers: where OpenTelemetry's instrumentation puts it. */
function createNodeSender({ cookieBytes }: Cell, { host, port }: Server): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const given = Object.fromEntries(clientHeaders(cookieBytes));
  const send = (traceparent: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { ...given, traceparent };
      request({ agent, host, port, path: requestPath, headers }, (response) => {
        response.resume();
        response.once('end', resolve);
      })
        .once('error', reject)
        .end();
    });
  return { send, close: () => agent.destroy() };
}

/** What undici tells of a request before it is sent. */
interface CreatedRequest {
  readonly request: { addHeader(name: string, value: string): void };
}

/** fetch, with the context added as OpenTelemetry's instrumentation of undici does it. */
function createUndiciSender({ cookieBytes }: Cell, { host, port }: Server): Sender {
  const created = channel('undici:request:create');
  let context = '';
  const addContext = (message: unknown): void =>
    (message as CreatedRequest).request.addHeader('traceparent', context);
  created.subscribe(addContext);
  const headers = Object.fromEntries(clientHeaders(cookieBytes));
  const send = async (traceparent: string): Promise<void> => {
    context = traceparent;
    const response = await fetch(`http://${host}:${port}${requestPath}`, { headers });
    await response.arrayBuffer();
  };
  return { send, close: () => void created.unsubscribe(addContext) };
}

/** The request as a text, written at once. */
async function createTextSender(cell: Cell, format: WrittenFormat, { host, port }: Server): Promise<Sender> {
  const socket = connect({ host, port, noDelay: true }).setEncoding('latin1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const send = (traceparent: string): Promise<void> =>
    new Promise((resolve) => {
      let answer = '';
      const onData = (part: string): void => {
        answer += part;
        if (!answer.endsWith('ok')) return;
        socket.off('data', onData);
        resolve();
      };
      socket.on('data', onData);
      socket.write(writeRequest(cell, format, `${host}:${port}`, traceparent));
    });
  return { send, close: () => socket.destroy() };
}
