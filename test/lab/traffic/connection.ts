// SPDX-License-Identifier: Apache-2.0
// Runs in a pod: one connection to one server. For each line on standard input, a traceparent, it sends a request and
// prints `done` and it when it is answered. Usage: connection.ts URL
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const [url = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

for await (const traceparent of createInterface({ input: process.stdin })) {
  await new Promise<void>((resolve, reject) => {
    const outgoing = request(url, { agent, headers: { traceparent } }, (response) => {
      response.resume();
      response.once('end', resolve);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
  process.stdout.write(`done ${traceparent}\n`);
}
