// SPDX-License-Identifier: Apache-2.0
// Runs in the server's pod: answers every request, and notes how far into it the context reaches, with nothing of
// Hopspan's. Ends when standard input does, and then writes what it noted. Arguments: port, file to write.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ServerResult } from './round-result.ts';

const [port = '', file = ''] = process.argv.slice(2);
const contextEndBytes: Record<number, number> = {};

const server = createServer({ noDelay: true }, (socket) => {
  let received = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    received += part;
    if (!received.endsWith('\r\n\r\n')) return;
    note(received);
    received = '';
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  socket.on('error', () => socket.destroy());
});
server.listen(Number(port), () => process.stdout.write('ready\n'));
await text(process.stdin);
const result: ServerResult = { contextEndBytes };
writeFileSync(file, JSON.stringify(result));
process.exit(0);

function note(request: string): void {
  const match = /\r\ntraceparent: 00-[0-9a-f]{16}([0-9a-f]{4})[0-9a-f]{12}-[0-9a-f]{16}-01\r\n/i.exec(
    request,
  );
  if (match === null) return;
  const cell = Number.parseInt(match[1] ?? '', 16);
  contextEndBytes[cell] = Math.max(contextEndBytes[cell] ?? 0, match.index + match[0].length);
}
