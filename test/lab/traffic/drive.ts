// SPDX-License-Identifier: Apache-2.0
// Runs in a namespace: loads a URL like users who know nothing of tracing. Prints `done N` while it works and
// a JSON object (DriveReport of ../bookinfo.ts) at the end. SIGTERM ends it early, with a report of what was sent.
// Usage: drive.ts URL REQUESTS CONCURRENCY [PER_SECOND]
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', requests = '1', concurrency = '1', perSecond = '0'] = process.argv.slice(2);
let total = Number(requests);
const gapMs = Number(perSecond) > 0 ? 1000 / Number(perSecond) : 0;
const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });
const latenciesUs: number[] = [];
let next = 0;
let failed = 0;

process.once('SIGTERM', () => {
  total = next;
});
const start = performance.now();
const report = setInterval(() => process.stdout.write(`done ${latenciesUs.length}\n`), 200);
await Promise.all(Array.from({ length: Number(concurrency) }, work));
clearInterval(report);
agent.destroy();
const durationMs = Math.round(performance.now() - start);
latenciesUs.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ requests: total, failed, durationMs, p50Us: quantile(0.5), p99Us: quantile(0.99) })}\n`,
);

async function work(): Promise<void> {
  while (next < total) {
    const due = start + next++ * gapMs;
    if (due > performance.now()) await sleep(due - performance.now());
    const sentAt = performance.now();
    if (!(await succeeds())) failed++;
    latenciesUs.push(Math.round((performance.now() - sentAt) * 1000));
  }
}

/** Whether the answer came whole and with status 200. */
function succeeds(): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.complete && response.statusCode === 200));
    }).once('error', () => resolve(false));
  });
}

function quantile(share: number): number {
  return latenciesUs[Math.min(latenciesUs.length - 1, Math.floor(latenciesUs.length * share))] ?? 0;
}
