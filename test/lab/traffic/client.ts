// SPDX-License-Identifier: Apache-2.0
// Runs in a pod or on a node: sends requests, each with a traceparent of its own, and prints a JSON object.
// Usage: client.ts URL COUNT FLAGS CONCURRENCY, or without arguments: then these come line by line on standard input,
// each line with a name for the round at its end. GAP_MILLIS: pause before each request. HEADER_BYTES: of other header
// lines before the traceparent. BODY_BYTES: of a body that is posted right behind the header.
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const gapMillis = Number(process.env.GAP_MILLIS ?? 0);
const filler = fillerOf(Number(process.env.HEADER_BYTES ?? 0));
const body = Buffer.alloc(Number(process.env.BODY_BYTES ?? 0), 'b');
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
  const method = body.length > 0 ? 'POST' : 'GET';
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { agent, method, headers: { 'user-agent': 'hopspan-lab', ...filler, traceparent } },
      (response) => {
        response.resume();
        response.once('end', resolve);
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body.length > 0 ? body : undefined);
  });
}

/** Lines of some 500 bytes each, so that no server finds one too long. */
function fillerOf(bytes: number): Record<string, string> {
  const lines = Array.from({ length: Math.ceil(bytes / 500) }, (_, i) => {
    const length = Math.min(500, bytes - i * 500);
    return [`x-filler-${i}`, 'x'.repeat(Math.max(1, length - 16))];
  });
  return Object.fromEntries(lines);
}
