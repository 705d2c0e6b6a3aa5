// SPDX-License-Identifier: Apache-2.0
// Runs on a node: hands TCP connections on to sockets, which reach what is outside of the node's network namespace.
// Usage: relay-process.ts ADDRESS PORT SOCKET [PORT SOCKET]… Prints `listening` when it does.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

const [address, ...pairs] = process.argv.slice(2);
/** Whoever ends a connection ends both halves of it; that is no fault of the relay's. */
const ignore = (): void => undefined;

function handOn(client: Socket, path: string): void {
  const server = connect(path);
  pipeline(client, server, ignore);
  pipeline(server, client, ignore);
}

for (let i = 0; i < pairs.length; i += 2) {
  const [port, path = ''] = pairs.slice(i, i + 2);
  const server = createServer((client) => handOn(client, path));
  await once(server.listen(Number(port), address), 'listening');
}
process.stdout.write('listening\n');
