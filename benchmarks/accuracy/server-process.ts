// SPDX-License-Identifier: Apache-2.0
// Runs in the server's pod: answers every request. Arguments: port.
import { createServer } from 'node:http';
import { RESPONSE_BODY } from './response-body.ts';

const server = createServer((_request, response) => {
  response.setHeader('Content-Length', RESPONSE_BODY.length);
  response.end(RESPONSE_BODY);
});
server.keepAliveTimeout = 0;
server.listen(Number(process.argv[2]), () => process.stdout.write('ready\n'));
