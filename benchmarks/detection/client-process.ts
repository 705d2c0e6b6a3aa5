// SPDX-License-Identifier: Apache-2.0
// Runs in the client's pod: sends the requests of every cell, one after the other, and prints `done` when all are
// answered. Arguments: ClientPlan as JSON.
import { cells, formatContext } from './cells.ts';
import type { ClientPlan } from './round-result.ts';
import { createSender } from './senders.ts';

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;

for (const cell of cells) {
  const sender = await createSender(cell, plan);
  for (let n = 0; n < plan.requests; n += 1) await sender.send(formatContext(plan.salt, cell.index, n));
  sender.close();
}
process.stdout.write('done\n');
process.exit(0);
