// SPDX-License-Identifier: Apache-2.0
// Runs in the client's pod: sends requests at a steady rate, whether or not the ones before are answered,
// and prints what came of it. Arguments: ClientPlan as JSON.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatRequest, formatWarmUpRequest } from '../two-pods/request.ts';
import { RESPONSE_BODY } from '../two-pods/response-body.ts';
import type { ClientPlan, ClientResult } from './client-plan.ts';

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;
const idle: Socket[] = [];
const waiting: string[] = [];
let answered = 0;

for (let i = 0; i < plan.connections; i += 1) await open();
for (let i = 0; i < plan.warmUpRequests; i += 1) send(formatWarmUpRequest());
await until(plan.warmUpRequests);

const start = performance.now();
for (let sent = 0; sent < plan.requests; ) {
  const due = Math.min(plan.requests, Math.floor(((performance.now() - start) / 1000) * plan.rate) + 1);
  while (sent < due) send(formatRequest(plan.salt, ++sent));
  await sleep(1);
}
const sentMillis = performance.now() - start;
await until(plan.warmUpRequests + plan.requests);
const result: ClientResult = { requests: plan.requests, rate: plan.requests / (sentMillis / 1000) };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

async function open(): Promise<void> {
  const socket = connect({ host: plan.host, port: plan.port, noDelay: true });
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    if (!text.endsWith(RESPONSE_BODY)) return;
    text = '';
    answered += 1;
    const next = waiting.shift();
    if (next === undefined) idle.push(socket);
    else socket.write(next);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  idle.push(socket);
}

function send(request: string): void {
  const socket = idle.pop();
  if (socket === undefined) waiting.push(request);
  else socket.write(request);
}

async function until(answers: number): Promise<void> {
  while (answered < answers) await sleep(1);
}
