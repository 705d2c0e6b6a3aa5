// SPDX-License-Identifier: Apache-2.0
// Runs in a pod: four requests with one and the same traceparent. Two pipelined on a connection, a third on it when they
// are answered, a fourth on another connection, as retries and proxies send them. Prints the context.
// Arguments: host, port.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const [host = '', port = ''] = process.argv.slice(2);
const context = `${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}`;
const request = `GET / HTTP/1.1\r\nhost: ${host}\r\ntraceparent: 00-${context}-01\r\n\r\n`;

const first = await open();
await ask(first, request + request, 2);
await ask(first, request, 1);
const second = await open();
await ask(second, request, 1);
first.destroy();
second.destroy();
process.stdout.write(`${context}\n`);

async function open(): Promise<Socket> {
  const socket = connect(Number(port), host).setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}

/** Writes at once and waits for so many responses. */
async function ask(socket: Socket, text: string, responses: number): Promise<void> {
  let seen = '';
  socket.write(text);
  while (seen.split('HTTP/1.1 200').length - 1 < responses || !seen.endsWith('ok')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    seen += chunk.toString('latin1');
  }
}
