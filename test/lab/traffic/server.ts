// SPDX-License-Identifier: Apache-2.0
// Runs in a pod: answers every request with two bytes. Usage: server.ts PORT
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  // When all of it has come: an early answer would let the next request follow in the same segment.
  request.resume().once('end', () => response.end('ok'));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), () => process.stdout.write('listening\n'));
process.once('SIGTERM', () => process.exit(0));
