// SPDX-License-Identifier: Apache-2.0
// Runs in a pod: sends one kind of load to each target, and writes what it sent and what came of it to the log.
// Prints `sent N` every second and `done N` at the end. Arguments: ClientPlan as JSON.
import { writeFileSync } from 'node:fs';
import type { TruthEntry } from '../truth.ts';
import type { ClientPlan, Target } from './client-plan.ts';
import { Connection } from './connection.ts';
import { kinds } from './kinds/kinds.ts';

/** A connection is given up for a new one after so many exchanges. */
const EXCHANGES_PER_CONNECTION = 150;

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;
const make = kinds[plan.kind];
const truth: TruthEntry[] = [];

const progress = setInterval(() => process.stdout.write(`sent ${truth.length}\n`), 1000);
await Promise.all(plan.targets.map(load));
clearInterval(progress);
writeFileSync(plan.log, truth.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
process.stdout.write(`done ${truth.length}\n`, () => process.exit(0));

async function load(target: Target): Promise<void> {
  let exchanges = 0;
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < plan.requests) {
      const connection = await Connection.open(target.host, target.port);
      for (let i = 0; i < EXCHANGES_PER_CONNECTION && sent < plan.requests; i += 1) {
        const exchange = make(exchanges++);
        sent += exchange.requests.length;
        await connection.exchange(exchange);
        for (const { entry } of exchange.requests) truth.push(entry);
      }
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, lane));
}
