// SPDX-License-Identifier: Apache-2.0
// Runs in a pod or on a node: sends requests, each with a traceparent of its own, and prints a JSON object.
// Usage: client.ts URL COUNT FLAGS CONCURRENCY, or without arguments: then these come line by line on standard input,
// each line with a name for the round at its end. GAP_MILLIS: pause before each request.
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const gapMillis = Number(process.env.GAP_MILLIS ?? 0);
const given = process.argv.slice(2);
if (given.length > 0) await run(given);
else for await (const line of createInterface({ input: process.stdin })) await run(line.split(' '));

async function run([url = '', count = '1', flags = '01', concurrency = '1', round]: string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });
  const contexts: string[] = [];
  let failed = 0;
  let left = Number(count);
  const work = async () => {
    while (left-- > 0) {
      if (gapMillis > 0) await sleep(gapMillis);
      const context = `${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}`;
      contexts.push(context);
      await send(url, agent, `00-${context}-${flags}`).catch(() => {
        failed++;
      });
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, work));
  agent.destroy();
  process.stdout.write(`${JSON.stringify({ round, contexts, failed })}\n`);
}

function send(url: string, agent: Agent, traceparent: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { agent, headers: { 'user-agent': 'hopspan-lab', traceparent } },
      (response) => {
        response.resume();
        response.once('end', resolve);
      },
    );
    outgoing.once('error', reject);
    outgoing.end();
  });
}
