// SPDX-License-Identifier: Apache-2.0
// Runs in a node: a probe with the window that is to be tried. Ends when standard input does, and then writes
// what it saw. Arguments: file to write, window in bytes, NIC, vport.
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { HopProbe } from '@hopspan/bpf-probe';
import type { ProbeResult } from './round-result.ts';

const [file = '', window = '', nic = '', vport = ''] = process.argv.slice(2);
const traceIds: string[] = [];
const probe = new HopProbe({
  interfaces: { nic: [nic], vport: [vport] },
  searchBytes: Number(window),
  // One client sends all there is, as quickly as it can.
  maxSourceRate: 0,
});
await probe.start({
  onHops: (hops) => {
    for (const { context } of hops) traceIds.push(context.traceId);
  },
});
process.stdout.write('ready\n');
await text(process.stdin);
await probe.shutdown();
const result: ProbeResult = { traceIds };
writeFileSync(file, JSON.stringify(result));
