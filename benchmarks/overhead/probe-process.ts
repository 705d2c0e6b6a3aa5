// SPDX-License-Identifier: Apache-2.0
// Runs in a node: the probe alone, which hands its hops over and forgets them. Prints `ready`, and when standard input
// ends, one line of JSON. Arguments: NIC, vport.
import { text } from 'node:stream/consumers';
import { HopProbe } from '@hopspan/bpf-probe';
import type { ProbeAccount } from './probe-account.ts';

const [nic = '', vport = ''] = process.argv.slice(2);
let hops = 0;
// Every request is to be followed: no limits, and rings that a full CPU does not fill in a moment.
const probe = new HopProbe({
  interfaces: { nic: [nic], vport: [vport] },
  ringBytes: 2 ** 23,
  maxSourceRate: 0,
  maxCpuRate: 0,
});
await probe.start({
  onHops: (batch) => {
    hops += batch.length;
  },
});
process.stdout.write('ready\n');
const before = process.cpuUsage();
await text(process.stdin);
await probe.shutdown();
const { user, system } = process.cpuUsage(before);
const account: ProbeAccount = { hops, ringFull: probe.counters().ring_full ?? 0, cpuMicros: user + system };
process.stdout.write(`${JSON.stringify(account)}\n`);
